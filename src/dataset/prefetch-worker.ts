import { workerData } from 'node:worker_threads';
import { type Batch, trainingBatches } from './batches.ts';
import type { PrefetchTask } from './prefetch.ts';
import { Records } from './records.ts';

const { bytes, batchSize, seed, firstStep, depth, port }: PrefetchTask = workerData;
const batchAt = trainingBatches(new Records(bytes, 'training records'), { batchSize, seed });
let step = firstStep;

const prepare = (into?: Batch) => {
  const batch = batchAt(step++, into);
  port.postMessage(batch, [batch.images.buffer, batch.labels.buffer]);
};

port.on('message', prepare);
for (let ahead = 0; ahead < depth; ahead++) prepare();
