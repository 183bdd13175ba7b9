import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { type ErrorCode, UserError } from '../errors.ts';
import { startWorker } from '../worker.ts';
import type { Batch, TrainingBatch, TrainingBatchOptions } from './batches.ts';
import type { RecordFormat } from './record-format.ts';
import type { Records } from './records.ts';

export interface PrefetchOptions extends TrainingBatchOptions {
  /** The step of the first batch, 0 unless a run is resumed. */
  readonly firstStep?: number;
  /** How many batches are kept ready. */
  readonly depth?: number;
}

/** What a worker that prepares batches is started with. */
export interface PrefetchTask extends Required<PrefetchOptions> {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly format: RecordFormat;
  /** Takes finished batches; brings, for each batch that was taken, one to fill again or `undefined`. */
  readonly port: MessagePort;
}

/**
 * Prepares the training batches of step after step on a thread of its own, some steps ahead of their use. The batches are those of
 * `trainingBatches`, in the order of steps.
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

/** Receives batches from a worker. The worker alone does not keep the process alive; waiting for a batch does. */
export class BatchQueue {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #ready: TrainingBatch[] = [];
  readonly #waiting: { resolve: (batch: TrainingBatch) => void; reject: (error: Error) => void }[] = [];
  #failure: Error | undefined;

  /** @param port the near end of the channel whose far end is the worker's {@link PrefetchTask.port} */
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
   * The next step's batch, at once if it is ready, even when the event loop was blocked since it became so.
   *
   * @param used a batch of this queue whose memory may be filled again; it must not be touched afterwards
   * @throws whatever ended the worker, for example UserError `dataset` or `argument`; Error once the queue is closed
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

  /** Ends the thread. Batches that are being waited for are refused; closing again does nothing. */
  async close(): Promise<void> {
    this.#fail(new Error('the queue of batches is closed'));
    this.#ready.length = 0;
    this.#port.close();
    await this.#worker.terminate();
  }

  /** Takes what has arrived but was not yet delivered, because the event loop has had no turn. */
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

/** An error that crossed from another thread keeps its fields but not its class. */
function asUserError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`the thread that prepares batches failed: ${error}`);
  if (error.name !== 'UserError') return error;
  const { code, message, hint } = error as Error & { code: ErrorCode; hint?: string };
  return new UserError(code, message, hint, { cause: error });
}
