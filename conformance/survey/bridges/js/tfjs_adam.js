// tf.train.adam of TensorFlow.js, on its CPU backend: node tfjs_adam.js FOLDER, with its packages.
'use strict';

const path = require('node:path');
const { serve } = require('./program.js');

const tf = require(path.resolve(process.argv[2], 'node_modules/@tensorflow/tfjs'));

// Names of variables are used once.
let runs = 0;

function make(numbers, params, shapes) {
  const { learning_rate, beta1, beta2, epsilon } = numbers;
  const optimizer = tf.train.adam(learning_rate, beta1, beta2, epsilon);
  runs += 1;
  const names = params.map((_, i) => `run${runs}/${i}`);
  const variables = params.map((param, i) =>
    tf.variable(tf.tensor(param, shapes[i], 'float32'), true, names[i]));
  return {
    step(grads) {
      optimizer.learningRate = numbers.learning_rate;
      const named = grads.map((grad, i) =>
        ({ name: names[i], tensor: grad === null ? null : tf.tensor(grad, shapes[i], 'float32') }));
      optimizer.applyGradients(named);
      const arrays = (slots) => slots.map(({ variable }) => variable.dataSync());
      return {
        params: variables.map((variable) => variable.dataSync()),
        m: arrays(optimizer.accumulatedFirstMoment),
        v: arrays(optimizer.accumulatedSecondMoment),
      };
    },
  };
}

const started = { name: '@tensorflow/tfjs', version: tf.version.tfjs, dtypes: ['float32'],
  supports: ['none', 'schedule'] };
tf.setBackend('cpu').then(() => serve(started, make));
