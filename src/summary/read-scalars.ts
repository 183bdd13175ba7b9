import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { RegularFile, UnreadableFile } from '../regular-file.ts';
import { type Event, EventSchema, SessionLog_SessionStatus as Status } from '../wire/protos.ts';
import { decodeRecordStream } from '../wire/record.ts';
import { EVENT_FILE_PREFIX } from './event-file.ts';
import { ScalarSeries, type Scalars } from './scalar-series.ts';

/** What the event files of a folder tell. */
export interface EventScalars {
  /** By tag; a tag without values is left out. */
  readonly scalars: ReadonlyMap<string, Scalars>;
  /** From the first to the last event of each session, summed; 0 where there are no events. */
  readonly seconds: number;
}

/** Graphs and pictures are in records, too. */
const MAX_RECORD_BYTES = 2 ** 28;

/**
 * Reads scalars from the event files of a folder in the order of their names, as TensorBoard does: a session that starts at a
 * step drops what was written before at that step and beyond. A record that is cut off, as it is while a run writes it, ends
 * its file. A tag with very many values is thinned out evenly.
 *
 * @returns no scalars where the folder has no event file, or is not there
 * @throws UserError `file`, naming the file, if one is damaged or cannot be read
 */
export async function readScalars(folder: string, tags: Iterable<string>): Promise<EventScalars> {
  const series = new Map(Array.from(tags, (tag) => [tag, new ScalarSeries()]));
  let seconds = 0;
  for (const name of await eventFiles(folder)) {
    // A session has a file of its own, or more than one where its file was deleted under it.
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
    const hint = 'Move the file away to go on without what it tells.';
    throw new UserError('file', `${path}: ${error.message}`, hint, { cause: error });
  } finally {
    await file.close();
  }
}

function decodeEvent(bytes: Uint8Array, record: number): Event {
  try {
    return fromBinary(EventSchema, bytes);
  } catch (error) {
    throw new UserError('file', `record ${record} is no event`, undefined, { cause: error });
  }
}
