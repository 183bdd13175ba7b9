import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { type ErrorCode, UserError } from '../errors.ts';
import { startWorker } from '../worker.ts';
import type { Batch, TrainingBatch, TrainingBatchOptions } from './batches.ts';
import type { RecordFormat } from './record-format.ts';
import type { Records } from './records.ts';

export interface PrefetchOptions extends TrainingBatchOptions {
  /** The step of the first batch; default 0. A resumed run gives the step at which it resumes. */
  readonly firstStep?: number;
  /** The number of batches to keep ready; default 4. */
  readonly depth?: number;
}

/** The data that the worker starts with. */
export interface PrefetchTask extends Required<PrefetchOptions> {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly format: RecordFormat;
  /** Carries finished batches from the worker and, for each batch taken, a batch to fill again or `undefined` back to it. */
  readonly port: MessagePort;
}

/**
 * Prepares training batches on another thread, a few steps ahead. They are the batches of `trainingBatches`, in the order of steps.
 *
 * @example
 * const queue = prefetchBatches(train, { batchSize: 128, seed: 1, input, augmentation, firstStep: 70 });
 * let batch = await queue.next(); // step 70
 * batch = await queue.next(batch); // step 71, in memory that step 70 no longer needs
 * await queue.close();
 */
export function prefetchBatches(
  records: Records,
  { firstStep = 0, depth = 4, ...options }: PrefetchOptions,
): BatchQueue {
  const { port1, port2 } = new MessageChannel();
  const { bytes, format } = records;
  const task: PrefetchTask = { ...options, bytes, format, firstStep, depth, port: port2 };
  return new BatchQueue(
    startWorker('./prefetch-worker', import.meta.url, { workerData: task, transferList: [port2] }),
    port1,
  );
}

/** Receives batches from a worker. Only a call of `next` that waits for a batch keeps the process alive; the worker does not. */
export class BatchQueue {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #ready: TrainingBatch[] = [];
  readonly #waiting: { resolve: (batch: TrainingBatch) => void; reject: (error: Error) => void }[] = [];
  #failure: Error | undefined;

  /** @param port this thread's end of the channel; the worker has the other end, {@link PrefetchTask.port} */
  constructor(worker: Worker, port: MessagePort) {
    this.#worker = worker;
    this.#port = port;
    port.on('message', (batch: TrainingBatch) => this.#receive(batch));
    worker.on('error', (error) => this.#fail(asUserError(error)));
    worker.on('exit', (code) =>
      this.#fail(
        new UserError(
          'dataset',
          `the thread that prepares batches ended with code ${code}`,
          'Run the same command, without --overwrite, to continue from the last checkpoint.',
        ),
      ),
    );
    this.#keepAlive(false);
  }

  /**
   * Returns the next step's batch. Does not wait if the batch is ready, even if the event loop has been blocked since it arrived.
   *
   * @param used a batch of this queue whose memory may be reused; it must not be used afterwards
   * @throws the error that ended the worker, for example UserError `dataset` or `argument`; Error if the queue is closed
   */
  async next(used?: Batch): Promise<TrainingBatch> {
    this.#collect();
    if (this.#failure && this.#ready.length === 0) throw this.#failure;
    this.#port.postMessage(used, used ? [used.images.buffer, used.labels.buffer] : []);
    const batch = this.#ready.shift();
    if (batch) return batch;
    this.#keepAlive(true);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Ends the worker. Waiting calls of `next` throw. A second call does nothing. */
  async close(): Promise<void> {
    this.#fail(new Error('the queue of batches is closed'));
    this.#ready.length = 0;
    this.#port.close();
    await this.#worker.terminate();
  }

  /** Takes batches that have arrived but have not been delivered, because the event loop has not turned. */
  #collect(): void {
    for (
      let arrived = receiveMessageOnPort(this.#port);
      arrived;
      arrived = receiveMessageOnPort(this.#port)
    ) {
      this.#receive(arrived.message);
    }
  }

  #receive(batch: TrainingBatch): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(batch);
    else this.#ready.push(batch);
    if (this.#waiting.length === 0) this.#keepAlive(false);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    this.#keepAlive(false);
  }

  #keepAlive(wanted: boolean): void {
    if (wanted) {
      this.#port.ref();
      this.#worker.ref();
    } else {
      this.#port.unref();
      this.#worker.unref();
    }
  }
}

/** Restores the class of a UserError from another thread: errors in messages keep their fields, but not their class. */
function asUserError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`the thread that prepares batches failed: ${error}`);
  if (error.name !== 'UserError') return error;
  const { code, message, hint } = error as Error & { code: ErrorCode; hint?: string };
  return new UserError(code, message, hint, { cause: error });
}
