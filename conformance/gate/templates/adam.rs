//! An Adam that `adamref check cmd:./adam` judges. Put yours into the two functions `step`.
use std::fmt::Write;
use std::io::{self, Lines, StdinLock};

#[derive(Default)]
struct Numbers {
    learning_rate: f64,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    amsgrad: bool,
}

/// A parameter and its moments.
struct Tensor<T> {
    param: Vec<T>,
    m: Vec<T>,
    v: Vec<T>,
    v_max: Vec<T>,
}

trait Real: Copy + Default {
    fn read(word: &str) -> Self;
    fn word(self) -> String;
    fn step(a: &Numbers, t: i32, tensor: &mut Tensor<Self>, grad: &[Self]);
}

impl Real for f32 {
    fn read(word: &str) -> f32 {
        f32::from_bits(u32::from_str_radix(word, 16).unwrap())
    }

    fn word(self) -> String {
        format!("{:08x}", self.to_bits())
    }

    /// Yours: step t of one parameter.
    fn step(a: &Numbers, t: i32, tensor: &mut Tensor<f32>, grad: &[f32]) {
        let (beta1, rest1) = (a.beta1 as f32, (1.0 - a.beta1) as f32);
        let (beta2, rest2) = (a.beta2 as f32, (1.0 - a.beta2) as f32);
        // The powers in f64: in f32 the correction would lose digits where beta is near 1.
        let bias1 = (1.0 - a.beta1.powi(t)) as f32;
        let bias2 = (1.0 - a.beta2.powi(t)) as f32;
        let Tensor { param, m, v, v_max } = tensor;
        for (i, &g) in grad.iter().enumerate() {
            m[i] = beta1 * m[i] + rest1 * g;
            v[i] = beta2 * v[i] + rest2 * g * g;
            v_max[i] = if v_max[i] > v[i] { v_max[i] } else { v[i] };
            let m_hat = m[i] / bias1;
            let v_hat = if a.amsgrad { v_max[i] } else { v[i] } / bias2;
            param[i] -= a.learning_rate as f32 * m_hat / (v_hat.sqrt() + a.epsilon as f32);
        }
    }
}

impl Real for f64 {
    fn read(word: &str) -> f64 {
        f64::from_bits(u64::from_str_radix(word, 16).unwrap())
    }

    fn word(self) -> String {
        format!("{:016x}", self.to_bits())
    }

    /// Yours in f64. If you have none, delete float64 in `main`, and what uses this.
    fn step(a: &Numbers, t: i32, tensor: &mut Tensor<f64>, grad: &[f64]) {
        let bias1 = 1.0 - a.beta1.powi(t);
        let bias2 = 1.0 - a.beta2.powi(t);
        let Tensor { param, m, v, v_max } = tensor;
        for (i, &g) in grad.iter().enumerate() {
            m[i] = a.beta1 * m[i] + (1.0 - a.beta1) * g;
            v[i] = a.beta2 * v[i] + (1.0 - a.beta2) * g * g;
            v_max[i] = if v_max[i] > v[i] { v_max[i] } else { v[i] };
            let m_hat = m[i] / bias1;
            let v_hat = if a.amsgrad { v_max[i] } else { v[i] } / bias2;
            param[i] -= a.learning_rate * m_hat / (v_hat.sqrt() + a.epsilon);
        }
    }
}

// The rest speaks with the judge: lines of words, and numbers as the hexadecimal digits of their
// bits.

fn read_all<T: Real>(words: &[&str]) -> Vec<T> {
    words.iter().map(|word| T::read(word)).collect()
}

/// Read a run to its end, and return the answer, or why there is none.
///
/// `refusal` is the line that says what this Adam lacks, if one did so before.
fn run<T: Real>(
    lines: &mut Lines<StdinLock>,
    seq: &str,
    mut refusal: Option<String>,
) -> Result<String, String> {
    let mut a = Numbers::default();
    let mut tensors: Vec<Tensor<T>> = Vec::new();
    let (mut t, mut done, mut wanted) = (0, 0, false);
    let mut answer = format!("ran {seq}\n");
    for line in lines {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        if refusal.is_some() && words[0] != "end" {
            continue;
        }
        match words[0] {
            "learning_rate" | "rate" => a.learning_rate = f64::read(words[1]),
            "beta1" => a.beta1 = f64::read(words[1]),
            "beta2" => a.beta2 = f64::read(words[1]),
            "epsilon" => a.epsilon = f64::read(words[1]),
            "amsgrad" => a.amsgrad = true,
            "param" => {
                let rank: usize = words[1].parse().unwrap();
                let param: Vec<T> = read_all(&words[2 + rank..]);
                let zeros = vec![T::default(); param.len()];
                tensors.push(Tensor {
                    param,
                    m: zeros.clone(),
                    v: zeros.clone(),
                    v_max: zeros,
                });
            }
            "load_t" => t = words[1].parse().unwrap(),
            "load_m" | "load_v" | "load_v_max" => {
                let mut loaded = read_all(&words[1..]).into_iter();
                for tensor in &mut tensors {
                    let moment = match words[0] {
                        "load_m" => &mut tensor.m,
                        "load_v" => &mut tensor.v,
                        _ => &mut tensor.v_max,
                    };
                    *moment = loaded.by_ref().take(moment.len()).collect();
                }
            }
            "step" => {
                t += 1;
                done = 0;
                wanted = words[1] == "1";
            }
            "grad" => {
                if words[1] == "dense" {
                    T::step(&a, t, &mut tensors[done], &read_all(&words[2..]));
                } else if words[1] != "none" {
                    refusal = Some(line.clone());
                }
                done += 1;
                if wanted && done == tensors.len() {
                    show(&mut answer, "params", &tensors, |tensor| &tensor.param);
                    show(&mut answer, "m", &tensors, |tensor| &tensor.m);
                    show(&mut answer, "v", &tensors, |tensor| &tensor.v);
                    if a.amsgrad {
                        show(&mut answer, "v_max", &tensors, |tensor| &tensor.v_max);
                    }
                }
            }
            "end" => break,
            _ => refusal = Some(line.clone()),
        }
    }
    match refusal {
        Some(line) => Err(format!("it does not know: {line}")),
        None => Ok(answer + "end"),
    }
}

fn show<T: Real>(
    answer: &mut String,
    name: &str,
    tensors: &[Tensor<T>],
    array: fn(&Tensor<T>) -> &Vec<T>,
) {
    answer.push_str(name);
    for number in tensors.iter().flat_map(array) {
        write!(answer, " {}", number.word()).unwrap();
    }
    answer.push('\n');
}

fn main() {
    let mut lines = io::stdin().lines();
    lines.next(); // it says start
    println!("started 1 my-adam 0.1");
    // The judge asks for nothing else: delete here what you lack.
    println!("dtypes float32 float64\nsupports none schedule load amsgrad\nend");
    while let Some(Ok(line)) = lines.next() {
        let Some(seq) = line.strip_prefix("run ") else {
            break;
        };
        let dtype = lines.next().unwrap().unwrap();
        let answer = match dtype.as_str() {
            "dtype float32" => run::<f32>(&mut lines, seq, None),
            "dtype float64" => run::<f64>(&mut lines, seq, None),
            _ => run::<f64>(&mut lines, seq, Some(dtype)),
        };
        match answer {
            Ok(text) => println!("{text}"),
            Err(reason) => println!("skipped {seq} {reason}"),
        }
    }
}
