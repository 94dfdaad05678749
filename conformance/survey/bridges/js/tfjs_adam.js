// tf.train.adam of TensorFlow.js, on its CPU backend: node tfjs_adam.js FOLDER, with its packages.
const path = require('node:path');
const tf = require(path.join(process.argv[2], 'node_modules', '@tensorflow/tfjs'));

const started = { type: 'started', protocol: 1, name: '@tensorflow/tfjs', version: tf.version.tfjs,
  dtypes: ['float32'], supports: ['none', 'schedule'] };

const swapped = (words, swap) => new Uint8Array(Buffer.from(words.replaceAll(' ', ''), 'hex')[swap]()).buffer;
const number = (word) => new Float64Array(swapped(word, 'swap64'))[0];
const array = (words) => new Float32Array(swapped(words, 'swap32'));

function words(tensor) {
  const hex = Buffer.from(tensor.dataSync().slice().buffer).swap32().toString('hex');
  return (hex.match(/.{8}/g) ?? []).join(' ');
}

let runs = 0;

function run({ seq, config, shapes, params, steps, after }) {
  const { learning_rate, beta1, beta2, epsilon } = config;
  const optimizer = tf.train.adam(number(learning_rate), number(beta1), number(beta2), number(epsilon));
  runs += 1;
  const names = params.map((_, i) => `run${runs}/${i}`);
  const variables = params.map((text, i) =>
    tf.variable(tf.tensor(array(text), shapes[i], 'float32'), true, names[i]));
  const answers = steps.map(({ grads, learning_rate: rate }, call) => {
    if (rate) optimizer.learningRate = number(rate);
    const tensors = grads.map((g, i) => g === null ? null : tf.tensor(array(g), shapes[i], 'float32'));
    optimizer.applyGradients(names.map((name, i) => ({ name, tensor: tensors[i] })));
    tf.dispose(tensors.filter((tensor) => tensor !== null));
    if (!after.includes(call + 1)) return {};
    const moments = (slots) => slots.map(({ variable }) => words(variable));
    return {
      params: variables.map(words),
      m: moments(optimizer.accumulatedFirstMoment),
      v: moments(optimizer.accumulatedSecondMoment),
    };
  });
  tf.dispose(variables);
  optimizer.dispose();
  return { type: 'ran', seq, steps: answers };
}

async function main() {
  await tf.setBackend('cpu');
  for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.type === 'stop') break;
    process.stdout.write(JSON.stringify(message.type === 'start' ? started : run(message)) + '\n');
  }
}

main();
