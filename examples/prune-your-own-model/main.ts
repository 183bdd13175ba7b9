import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { trainAndStrip } from './train-and-strip.ts';

const HPARAMS =
  'target_sparsity=0.8,weight_sparsity_map=[hidden2:0.9],do_not_prune=[rings],' +
  'pruning_frequency=10,sparsity_function_end_step=300';
const SIZE = { trainingPoints: 1500, testPoints: 500, denseEpochs: 15, pruningEpochs: 15 };

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}%`;

await tf.setBackend('cpu');
const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'pruned-model-')));
console.log(`Training a model, then pruning it with ${HPARAMS}`);
const { accuracy, sparsity } = await trainAndStrip(HPARAMS, SIZE, folder, console.warn);

for (const [kernel, zeros] of sparsity) console.log(`${kernel}: ${percent(zeros)} zeros`);
console.log(
  `accuracy: ${percent(accuracy.dense)} trained, ${percent(accuracy.pruned)} pruned, ${percent(accuracy.saved)} saved`,
);
console.log(`The pruned model is in ${folder}`);
