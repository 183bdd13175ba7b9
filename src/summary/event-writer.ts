import { hostname } from 'node:os';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { EventSchema, SessionLog_SessionStatus as Status } from '../wire/protos.ts';
import { encodeRecord } from '../wire/record.ts';
import { type EventFile, openEventFile } from './event-file.ts';
import type { SummaryValue } from './values.ts';

export interface EventWriterOptions {
  /** Seconds since 1970, for the file's name and the time of every event. */
  readonly clock?: () => number;
  /** Host in the file's name; default: this machine. */
  readonly host?: string;
  /** Text at the end of the file's name. */
  readonly suffix?: string;
}

const FILE_VERSION = 'brain.Event:2';

/**
 * Writes an event file that TensorBoard shows, and follows while it grows.
 *
 *     const writer = new EventWriter('logs/run1');
 *     for (let step = 1; step <= 1000; step++) writer.add(step, [scalar('loss', train())]);
 *     writer.close();
 *
 * Each event is in the file when its method returns. Every method throws a UserError `file` if the event cannot be
 * written, and leaves the file as it was.
 */
export class EventWriter {
  readonly #file: EventFile;
  readonly #clock: () => number;

  /**
   * Opens a new event file and leaves existing ones alone.
   *
   * @param logdir made if it is missing
   * @throws UserError `file` if the folder cannot be made or written
   */
  constructor(logdir: string, options: EventWriterOptions = {}) {
    this.#clock = options.clock ?? (() => Date.now() / 1000);
    this.#file = openEventFile(logdir, this.#clock(), options.host ?? hostname(), options.suffix ?? '');
    this.#append(0, { case: 'fileVersion', value: FILE_VERSION });
  }

  /** The event file. */
  get path(): string {
    return this.#file.path;
  }

  /** False once the event file has been deleted or replaced, so that nobody can read new events. */
  isInPlace(): boolean {
    return this.#file.isInPlace();
  }

  /** Adds the values of one step. Steps should not decrease. */
  add(step: number, values: readonly SummaryValue[]): void {
    this.#append(step, { case: 'summary', value: { value: [...values] } });
  }

  /** Adds a serialized GraphDef, for the GRAPHS page. */
  addGraph(graphDef: Uint8Array): void {
    this.#append(0, { case: 'graphDef', value: graphDef });
  }

  /**
   * Marks the start of a run, or of its continuation. At every start in a folder but the first, TensorBoard drops earlier values
   * from `firstStep` on: those that a killed run wrote after the checkpoint from which this run continues.
   *
   * @param firstStep the first step of which values may follow: N + 1 after resuming from the checkpoint of step N, if
   *   values of step N have been written
   */
  addSessionStart(firstStep: number): void {
    this.#addSessionLog(firstStep, Status.START);
  }

  /** Marks that a checkpoint was written. @param path its prefix, as for restoring it */
  addCheckpoint(step: number, path: string): void {
    this.#addSessionLog(step, Status.CHECKPOINT, path);
  }

  /** Marks the end of a run. */
  addSessionStop(step: number): void {
    this.#addSessionLog(step, Status.STOP);
  }

  /** Waits until all events are on the disk and survive a power failure. */
  flush(): void {
    this.#file.sync();
  }

  /** Flushes and closes the file; nothing happens the second time. */
  close(): void {
    this.#file.close();
  }

  #addSessionLog(step: number, status: Status, checkpointPath = ''): void {
    this.#append(step, { case: 'sessionLog', value: { status, checkpointPath } });
  }

  #append(step: number, what: NonNullable<MessageInitShape<typeof EventSchema>['what']>): void {
    if (!Number.isSafeInteger(step))
      throw new UserError('argument', `the step of an event is ${step}, expected an integer`);
    const event = create(EventSchema, { wallTime: this.#clock(), step: BigInt(step), what });
    this.#file.append(encodeRecord(toBinary(EventSchema, event)));
  }
}
