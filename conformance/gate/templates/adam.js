// An Adam that `adamref check 'cmd:node adam.js'` judges. Put yours into step.
const formats = { float32: [Float32Array, 'swap32', /.{8}/g], float64: [Float64Array, 'swap64', /.{16}/g] };
const started = { type: 'started', protocol: 1, name: 'my-adam', version: '0.1',
  dtypes: Object.keys(formats), supports: ['none', 'schedule', 'load', 'amsgrad'] }; // delete what you lack

// Yours: step t of one parameter. A Float32Array rounds what is stored into it.
function step(a, t, p, m, v, v_max, g) {
  for (let i = 0; i < p.length; i++) {
    m[i] = a.beta1 * m[i] + (1 - a.beta1) * g[i];
    v[i] = a.beta2 * v[i] + (1 - a.beta2) * g[i] * g[i];
    v_max[i] = v_max[i] > v[i] ? v_max[i] : v[i];
    const mHat = m[i] / (1 - a.beta1 ** t), vHat = (a.amsgrad ? v_max : v)[i] / (1 - a.beta2 ** t);
    p[i] -= (a.learning_rate * mHat) / (Math.sqrt(vHat) + a.epsilon);
  }
}

// The rest speaks with the judge: numbers are the hexadecimal digits of their bits.
const bytes = (words, swap) => new Uint8Array(Buffer.from(words.replaceAll(' ', ''), 'hex')[swap]()).buffer;
const number = (x) => (typeof x === 'string' ? new Float64Array(bytes(x, 'swap64'))[0] : x);
function run({ seq, dtype, config, params, load, steps, after }) {
  const [Type, swap, word] = formats[dtype], read = (words) => new Type(bytes(words, swap));
  const write = (x) => (Buffer.from(x.slice().buffer)[swap]().toString('hex').match(word) ?? []).join(' ');
  const zeros = params.map((words) => words.replace(/\w/g, '0'));
  const state = [params, load?.m ?? zeros, load?.v ?? zeros, load?.v_max ?? zeros].map((x) => x.map(read));
  const names = ['params', 'm', 'v', 'v_max'].slice(0, config.amsgrad ? 4 : 3), t0 = load?.t[0] ?? 0;
  const a = Object.fromEntries(Object.entries(config).map(([name, x]) => [name, number(x)]));
  const answers = steps.map(({ grads, learning_rate }, n) => {
    if (learning_rate) a.learning_rate = number(learning_rate);
    grads.forEach((g, i) => g === null || step(a, t0 + n + 1, ...state.map((arrays) => arrays[i]), read(g)));
    return after.includes(n + 1) ? Object.fromEntries(names.map((name, k) => [name, state[k].map(write)])) : {};
  });
  return { type: 'ran', seq, steps: answers };
}
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { type, ...message } = JSON.parse(line);
  let answer = started;
  try { if (type === 'run') answer = run(message); } // what fails, as sparse gradients do, is skipped
  catch (error) { answer = { type: 'skipped', seq: message.seq, reason: error.message }; }
  if (type !== 'stop') console.log(JSON.stringify(answer));
});
