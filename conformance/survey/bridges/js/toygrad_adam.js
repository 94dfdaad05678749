// Trainers.Adam of toygrad, whose arrays are float32: node toygrad_adam.js FOLDER, with its packages.
'use strict';

const path = require('node:path');
const { serve } = require('./program.js');

// A trainer asks a network for its parameters and gradients; nothing is trained here.
function networkOf(pairs) {
  return { forward() {}, backward: () => 0, getParamsAndGrads: () => pairs };
}

function maker(Adam) {
  return (numbers, params) => {
    const pairs = params.map((param) => ({ params: param, grads: null }));
    const { beta1, beta2, epsilon: eps } = numbers;
    const trainer = new Adam(networkOf(pairs), { beta1, beta2, eps });
    return {
      step(grads) {
        trainer.learningRate = numbers.learning_rate;
        pairs.forEach((pair, i) => { pair.grads = grads[i]; });
        trainer.train([], []);
        return { params, m: trainer.gsum, v: trainer.xsum };
      },
    };
  };
}

const started = { name: 'toygrad', dtypes: ['float32'], supports: ['schedule'] };
const file = path.resolve(process.argv[2], 'node_modules/toygrad/dist/index.js');
import(file).then(({ Trainers }) => serve(started, maker(Trainers.Adam)));
