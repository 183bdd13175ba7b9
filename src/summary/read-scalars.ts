import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { RegularFile, UnreadableFile } from '../regular-file.ts';
import { type Event, EventSchema, SessionLog_SessionStatus as Status } from '../wire/protos.ts';
import { decodeRecordStream } from '../wire/record.ts';
import { EVENT_FILE_PREFIX } from './event-file.ts';
import { ScalarSeries, type Scalars } from './scalar-series.ts';

/** The scalars in the event files of a folder. */
export interface EventScalars {
  /** Scalars by tag; a tag without values is left out. */
  readonly scalars: ReadonlyMap<string, Scalars>;
  /** Seconds from the first to the last event of each session, summed; 0 without events. */
  readonly seconds: number;
}

/** Large, since records also hold graphs and images. */
const MAX_RECORD_BYTES = 2 ** 28;

/**
 * Reads scalars from the event files of a folder in the order of their names, like TensorBoard: a session that starts at a step
 * drops earlier values from that step on. An incomplete record, which a run is just writing, ends its file. Of a tag with very
 * many values, every second, fourth, ... value is kept.
 *
 * @returns no scalars if the folder has no event file or does not exist
 * @throws UserError `file` that names a file which is damaged or cannot be read
 */
export async function readScalars(folder: string, tags: Iterable<string>): Promise<EventScalars> {
  const series = new Map(Array.from(tags, (tag) => [tag, new ScalarSeries()]));
  let seconds = 0;
  for (const name of await eventFiles(folder)) {
    // A session has one file, or several if its file was deleted during the run.
    let session: { readonly first: number; last: number } | undefined;
    for await (const { wallTime, step, what } of eventsOf(join(folder, name))) {
      if (what.case === 'sessionLog' && what.value.status === Status.START) {
        for (const each of series.values()) each.dropFrom(Number(step));
        seconds += lengthOf(session);
        session = undefined;
      }
      session ??= { first: wallTime, last: wallTime };
      session.last = Math.max(session.last, wallTime);
      if (what.case !== 'summary') continue;
      for (const { tag, value } of what.value.value)
        if (value.case === 'simpleValue') series.get(tag)?.add(Number(step), value.value);
    }
    seconds += lengthOf(session);
  }
  const scalars = [...series].map(([tag, each]) => [tag, each.result()] as const);
  return { scalars: new Map(scalars.filter(([, { steps }]) => steps.length > 0)), seconds };
}

function lengthOf(session: { readonly first: number; readonly last: number } | undefined): number {
  return session ? session.last - session.first : 0;
}

async function eventFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names.filter((name) => name.startsWith(EVENT_FILE_PREFIX)).toSorted();
}

async function* eventsOf(path: string): AsyncGenerator<Event> {
  let file: RegularFile;
  try {
    file = await RegularFile.open(path);
  } catch (error) {
    // A run that starts over deletes its files.
    if (error instanceof UnreadableFile && error.isMissing) return;
    throw error;
  }
  try {
    let record = 0;
    for await (const bytes of decodeRecordStream(file.chunks(), MAX_RECORD_BYTES)) {
      yield decodeEvent(bytes, record);
      record++;
    }
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof UnreadableFile) throw error;
    const hint = 'Move the file away to continue without its values.';
    throw new UserError('file', `${path}: ${error.message}`, hint, { cause: error });
  } finally {
    await file.close();
  }
}

function decodeEvent(bytes: Uint8Array, record: number): Event {
  try {
    return fromBinary(EventSchema, bytes);
  } catch (error) {
    throw new UserError('file', `record ${record} is not an event`, undefined, { cause: error });
  }
}
