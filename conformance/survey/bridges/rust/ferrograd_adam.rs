//! Adam of ferrograd, whose file is compiled here alone: `FERROGRAD` is the folder of its sources.
//!
//! What it needs of the rest is a `Value` with `data` and `grad`; the whole library needs crates.

use std::io::{self, BufRead, Write};

mod engine {
    use std::cell::RefCell;
    use std::ops::Deref;
    use std::rc::Rc;

    pub struct Number {
        pub data: f64,
        pub grad: f64,
    }

    #[derive(Clone)]
    pub struct Value(pub Rc<RefCell<Number>>);

    impl Deref for Value {
        type Target = RefCell<Number>;

        fn deref(&self) -> &RefCell<Number> {
            &self.0
        }
    }
}

#[allow(dead_code)]
mod adam {
    include!(concat!(env!("FERROGRAD"), "/src/nn/optim/adam.rs"));
}

use adam::Adam;
use engine::{Number, Value};
use std::cell::RefCell;
use std::rc::Rc;

fn decode(word: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(word, 16).unwrap())
}

fn value(word: &str) -> Value {
    Value(Rc::new(RefCell::new(Number { data: decode(word), grad: 0.0 })))
}

fn main() {
    let mut out = io::stdout().lock();
    // It shows no moments, and its learning rate stays.
    writeln!(out, "started 1 ferrograd\ndtypes float64\nend").unwrap();
    out.flush().unwrap();
    let mut numbers = [0.0; 4];
    let mut params: Vec<Value> = Vec::new();
    let mut adam: Option<Adam> = None;
    // How many numbers of this step have a gradient, and whether an answer is wanted.
    let (mut done, mut wanted) = (0, false);
    for line in io::stdin().lock().lines().skip(1) {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "run" => {
                writeln!(out, "ran {}", words[1]).unwrap();
                params.clear();
                adam = None;
            }
            "learning_rate" => numbers[0] = decode(words[1]),
            "beta1" => numbers[1] = decode(words[1]),
            "beta2" => numbers[2] = decode(words[1]),
            "epsilon" => numbers[3] = decode(words[1]),
            "param" => {
                let rank: usize = words[1].parse().unwrap();
                params.extend(words[2 + rank..].iter().map(|word| value(word)));
            }
            "step" => {
                done = 0;
                wanted = words[1] == "1";
                let [rate, beta1, beta2, epsilon] = numbers;
                adam.get_or_insert_with(|| Adam::new(params.clone(), rate, beta1, beta2, epsilon));
            }
            "grad" => {
                for word in &words[2..] {
                    params[done].borrow_mut().grad = decode(word);
                    done += 1;
                }
                if done == params.len() {
                    adam.as_mut().unwrap().step();
                    // An empty parameter may come after the last number.
                    done += 1;
                    if wanted {
                        write!(out, "params").unwrap();
                        for param in &params {
                            write!(out, " {:016x}", param.borrow().data.to_bits()).unwrap();
                        }
                        writeln!(out).unwrap();
                    }
                }
            }
            "end" => {
                writeln!(out, "end").unwrap();
                out.flush().unwrap();
            }
            "stop" => break,
            _ => {}
        }
    }
}
