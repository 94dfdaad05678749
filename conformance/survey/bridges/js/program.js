// The line protocol in JSON: `serve(started, make)` speaks it.
//
// make(numbers, params, shapes, dtype) returns an optimizer: its step(grads) takes typed arrays, null
// for none, and returns { params, m, v }, each a list of typed arrays; m and v may be left out.
// numbers.learning_rate may change between steps.
'use strict';

const readline = require('node:readline');

const FORMATS = {
  float32: [Float32Array, 'swap32', /.{8}/g],
  float64: [Float64Array, 'swap64', /.{16}/g],
};

function decode(words, dtype) {
  const [Type, swap] = FORMATS[dtype];
  return new Type(new Uint8Array(Buffer.from(words.replaceAll(' ', ''), 'hex')[swap]()).buffer);
}

function encode(array, dtype) {
  const [Type, swap, word] = FORMATS[dtype];
  const hex = Buffer.from(Type.from(array).buffer)[swap]().toString('hex');
  return (hex.match(word) ?? []).join(' ');
}

const number = (word) => decode(word, 'float64')[0];

function run({ seq, dtype, config, shapes, params, steps, after }, make) {
  const numbers = {};
  for (const [name, word] of Object.entries(config)) {
    numbers[name] = typeof word === 'string' ? number(word) : word;
  }
  const read = (words) => (words === null ? null : decode(words, dtype));
  const optimizer = make(numbers, params.map(read), shapes, dtype);
  const answers = [];
  steps.forEach(({ grads, learning_rate }, call) => {
    if (learning_rate) numbers.learning_rate = number(learning_rate);
    const state = optimizer.step(grads.map(read));
    answers.push({});
    if (!after.includes(call + 1)) return;
    for (const [name, arrays] of Object.entries(state)) {
      answers[call][name] = arrays.map((array) => encode(array, dtype));
    }
  });
  return { type: 'ran', seq, steps: answers };
}

async function serve(started, make) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.type === 'stop') return;
    const first = { type: 'started', protocol: 1, ...started };
    const answer = message.type === 'start' ? first : run(message, make);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

module.exports = { serve };
