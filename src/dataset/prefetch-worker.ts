import { workerData } from 'node:worker_threads';
import { type Batch, trainingBatches } from './batches.ts';
import type { PrefetchTask } from './prefetch.ts';
import { Records } from './records.ts';

const { bytes, format, firstStep, depth, port, ...options }: PrefetchTask = workerData;
const batchAt = trainingBatches(new Records(bytes, 'training records', format), options);
let step = firstStep;

const prepare = (into?: Batch) => {
  const batch = batchAt(step++, into);
  port.postMessage(batch, [batch.images.buffer, batch.labels.buffer]);
};

port.on('message', prepare);
for (let ahead = 0; ahead < depth; ahead++) prepare();
