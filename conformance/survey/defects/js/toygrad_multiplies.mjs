// Adam of toygrad (npm, 2.6.0) multiplies by the bias correction instead of dividing by it.
//     npm install toygrad@2.6.0; node toygrad_multiplies.mjs
// The first step of Adam moves every parameter by the learning rate, 0.001.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

// The packages are in the folder that it is run in.
const packages = createRequire(path.resolve('package.json'));
const { Trainers } = await import(pathToFileURL(packages.resolve('toygrad')));

const pair = { params: [0], grads: [1] };
const network = { forward() {}, backward: () => 0, getParamsAndGrads: () => [pair] };
new Trainers.Adam(network, { learningRate: 0.001 }).train([], []);
console.log(`${pair.params[0]}, and must be -0.001`);
process.exitCode = Math.abs(pair.params[0] + 0.001) < 1e-9 ? 1 : 0;
