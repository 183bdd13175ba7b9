// Run by quiet-start.test.ts in a process of its own: what it prints is what starting the engines prints.
import { createRequire } from 'node:module';
import { selectEngine } from '../../../src/engine/select.ts';
import { NETWORKS, randomStep } from '../networks.ts';

const loadedModules = () => Object.keys(createRequire(import.meta.url).cache);
const beforeUse = loadedModules().filter((file) => file.includes('@tensorflow'));

const network = NETWORKS['all kinds of layers']!;
const { variables, images, labels } = randomStep(network, 2, 1);
for (const backend of ['cpu', 'wasm', 'auto']) {
  const { engine } = await selectEngine({ backend, network });
  engine.setVariables(variables);
  await engine.trainStep(images, labels, { learningRate: 0.1, averageDecay: 0.9 });
  await engine.dispose();
}
const listeners = ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
console.log(JSON.stringify({ beforeUse, listeners }));
