import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { maskedCrc32c } from '../wire/crc32c.ts';
import type { MetaGraphDef } from '../wire/protos.ts';
import { type Bundle, readBundle } from './bundle.ts';
import { hintingAtOlder } from './damage.ts';
import { HeldFiles } from './file-access.ts';
import { dataPath, indexPath, metaPath } from './files.ts';
import { LOOK_AGAIN_MS, latestCheckpoint, noCheckpoint } from './find.ts';
import { readMetaGraph } from './meta-graph.ts';
import { type Checkpoint, checkpointOf } from './open.ts';

/** A checkpoint whose files are open, so that it can be read completely even if a running training deletes it meanwhile. */
export interface HeldCheckpoint extends Checkpoint {
  /** A string that differs between checkpoints of one name, for example of two runs in one folder. */
  readonly version: string;
  /** The paths of its files, and their sizes in bytes. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** The graph that was saved with it. @throws UserError `checkpoint` if its file is missing or damaged */
  metaGraph(): Promise<MetaGraphDef>;
  /** Closes its files. */
  close(): Promise<void>;
}

/** If this many attempts find the same incomplete checkpoint, its files are missing for good, and reading them will throw. */
const MOST_REPEATED = 2;
/** The most attempts. Each failed attempt means that the checkpoint was deleted between finding and opening it. */
const LOOKS = 100;

/**
 * Opens the newest checkpoint of a folder, or the one that a prefix names. Looks again if a file is deleted between finding and
 * opening it, as a run that keeps few checkpoints does.
 *
 * @returns undefined if there is none
 * @throws UserError `checkpoint` as `latestCheckpoint`, or if the index is damaged
 */
export async function openLatest(dirOrPrefix: string): Promise<HeldCheckpoint | undefined> {
  let [last, repeated] = ['', 0];
  for (let look = 0; look < LOOKS; look++) {
    const prefix = await latestCheckpoint(dirOrPrefix);
    if (prefix === undefined) return undefined;
    repeated = prefix === last ? repeated + 1 : 0;
    last = prefix;
    const opened = await openHeld(prefix, repeated >= MOST_REPEATED);
    if (opened) return opened;
    if (repeated > 0) await sleep(LOOK_AGAIN_MS);
  }
  throw new UserError(
    'checkpoint',
    `the checkpoints of ${dirOrPrefix} were deleted ${LOOKS} times before they could be opened`,
    'Keep more of them, with --keep_checkpoint_max, or save them less often.',
  );
}

/** As {@link openLatest}. @throws UserError `checkpoint` also if there is none */
export async function openExisting(dirOrPrefix: string): Promise<HeldCheckpoint> {
  const checkpoint = await openLatest(dirOrPrefix);
  if (checkpoint) return checkpoint;
  throw noCheckpoint(dirOrPrefix);
}

/**
 * Opens all files of a checkpoint.
 *
 * @param evenInPart whether to ignore missing files until something reads them
 * @returns undefined if files have been deleted or replaced since the checkpoint was found
 */
async function openHeld(prefix: string, evenInPart: boolean): Promise<HeldCheckpoint | undefined> {
  const held = new HeldFiles();
  let opened: HeldCheckpoint | undefined;
  try {
    opened = await openFiles(prefix, held, evenInPart);
    return opened;
  } finally {
    if (!opened) await held.close();
  }
}

async function openFiles(
  prefix: string,
  held: HeldFiles,
  evenInPart: boolean,
): Promise<HeldCheckpoint | undefined> {
  const index = indexPath(prefix);
  if (!(await held.hold(index)) && !evenInPart) return undefined;
  const bundle = await hintingAtOlder(prefix, () => readBundle(prefix, held));
  for (const path of [...dataPaths(bundle), metaPath(prefix)])
    if (!(await held.hold(path)) && !evenInPart) return undefined;
  if (!(await isStillThere(index, held)) && !evenInPart) return undefined;
  const files = [...held.files].map(([path, { size }]) => ({ path, bytes: size }));
  return {
    ...checkpointOf(bundle),
    version: await versionOf(index, held),
    files,
    metaGraph: () => readMetaGraph(prefix, held),
    close: () => held.close(),
  };
}

function dataPaths({ prefix, shards, variables, slices }: Bundle): string[] {
  const entries = [...variables.values(), ...slices.values()];
  return [...new Set(entries.map(({ shardId }) => dataPath(prefix, shardId, shards)))];
}

/** Whether the path still names the open file. If so, the files opened after it belong to the same checkpoint. */
async function isStillThere(path: string, held: HeldFiles): Promise<boolean> {
  const there = await stat(path, { bigint: true }).catch(() => undefined);
  return held.use(path, async ({ stats }) => there?.dev === stats.dev && there.ino === stats.ino);
}

/** Identifies a checkpoint by its index, which contains the checksums of all values. */
function versionOf(index: string, held: HeldFiles): Promise<string> {
  return held.use(index, async (file) => {
    const checksum = maskedCrc32c(await file.readAll());
    return `${index} ${file.stats.mtimeNs} ${checksum}`;
  });
}
