import { MessageChannel, Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  BatchQueue,
  type PrefetchOptions,
  prefetchBatches,
  trainingBatches,
} from '../../src/cifar10-loader.ts';
import type { Records } from '../../src/dataset/records.ts';
import { UserError } from '../../src/errors.ts';
import { randomRecords } from './pictures.ts';

const options = { batchSize: 3, seed: 9 };

function prefetch(records: Records, prefetchOptions: PrefetchOptions): BatchQueue {
  const queue = prefetchBatches(records, prefetchOptions);
  onTestFinished(() => queue.close());
  return queue;
}

/** A queue whose worker runs the given code with `port` and `sent` at hand. */
function queueOn(code: string, sent?: Int32Array): BatchQueue {
  const { port1, port2 } = new MessageChannel();
  const preamble = "const { workerData: { port, sent } } = require('node:worker_threads');";
  const worker = new Worker(preamble + code, {
    eval: true,
    execArgv: [],
    workerData: { port: port2, sent },
    transferList: [port2],
  });
  const queue = new BatchQueue(worker, port1);
  onTestFinished(() => queue.close());
  return queue;
}

describe('prefetchBatches', () => {
  const records = randomRecords(7);
  const batchAt = trainingBatches(records, options);

  test('brings the batches of step after step, from any step on', async () => {
    const queue = prefetch(records, { ...options, firstStep: 70, depth: 2 });
    for (let step = 70; step < 78; step++) expect(await queue.next()).toEqual(batchAt(step));
  });

  test('brings the same batches in memory that was given back', async () => {
    const queue = prefetch(records, { ...options, depth: 2 });
    let batch = await queue.next();
    for (let step = 1; step < 9; step++) {
      const used = batch;
      batch = await queue.next(used);
      expect(batch).toEqual(batchAt(step));
      expect(used.images.length).toBe(0);
    }
  });

  test('serves those who wait together in the order of their calls', async () => {
    const queue = prefetch(records, { ...options, depth: 1 });
    const batches = await Promise.all([queue.next(), queue.next(), queue.next()]);
    expect(batches.map(({ step }) => step)).toEqual([0, 1, 2]);
  });

  test("an error for users in the worker is the caller's, class, code and hint", async () => {
    const damaged = randomRecords(7);
    damaged.bytes[3073] = 10;
    const failure = await prefetch(damaged, options)
      .next()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(failure).toMatchObject({
      code: 'dataset',
      message: expect.stringContaining('record 1 at byte 3073'),
    });
    expect((failure as UserError).hint).toContain('Move the file away');
  });

  test('closing refuses those who wait and those who come later', async () => {
    const queue = prefetch(records, { ...options, depth: 1 });
    const waiting = Promise.allSettled([queue.next(), queue.next(), queue.next()]);
    await queue.close();
    await queue.close();
    expect((await waiting).map(({ status }) => status)).toContain('rejected');
    await expect(queue.next()).rejects.toThrow('the queue of batches is closed');
  });
});

describe('BatchQueue', () => {
  test('takes a batch that has arrived although the event loop had no turn', async () => {
    const sent = new Int32Array(new SharedArrayBuffer(4));
    const queue = queueOn(
      'port.postMessage({ step: 4 }); Atomics.store(sent, 0, 1); Atomics.notify(sent, 0); port.on("message", () => {});',
      sent,
    );
    Atomics.wait(sent, 0, 0, 20_000);
    let step: number | undefined;
    queue.next().then((batch) => {
      step = batch.step;
    });
    // Promises settle between turns of the event loop, messages only arrive in one.
    for (let microtask = 0; microtask < 10; microtask++) await undefined;
    expect(step).toBe(4);
  });

  test('a worker that ends unasked is an error, not an endless wait', async () => {
    const queue = queueOn('port.once("message", () => process.exit(3));');
    await expect(queue.next()).rejects.toThrow('the thread that prepares batches ended with code 3');
    await expect(queue.next()).rejects.toThrow('ended with code 3');
  });

  test('any other error of the worker reaches the caller', async () => {
    const queue = queueOn('port.once("message", () => { throw new TypeError("no such thing"); });');
    await expect(queue.next()).rejects.toThrow(TypeError);
  });
});
