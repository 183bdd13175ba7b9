import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { graphTextPath, indexPath, isFile, readState, writeGraphText } from '../checkpoint/index.ts';
import { writeFileDurably } from '../durable.ts';
import { UserError } from '../errors.ts';
import { readTextIfThere } from '../regular-file.ts';
import type { GraphDef } from '../wire/protos.ts';
import type { Recorder } from './recorder.ts';
import { formatSettings, parseSettings, type RunSettings, settingsPath } from './run-settings.ts';
import type { TrainDir } from './train-dir.ts';

/** Largest graph in text format, which is longer than the binary one. */
const MAX_TEXT_BYTES = 2 ** 28;

/** The files of a run in train_dir, except for its checkpoints. */
export interface RunFiles {
  readonly trainDir: TrainDir;
  readonly settings: RunSettings;
  readonly graph: GraphDef;
  readonly recorder: Recorder;
}

/** Writes the settings, unless the same are there already, so that a run with nothing to do works on a full disk. */
export async function writeSettings(dir: string, settings: RunSettings): Promise<void> {
  const path = settingsPath(dir);
  const text = formatSettings(settings);
  if ((await readTextIfThere(path, MAX_TEXT_BYTES)) !== text)
    await writeFileDurably(path, new TextEncoder().encode(text));
}

/**
 * Writes the run's files, and makes its folder, again if they were deleted during the run.
 *
 * @param step the step of the run
 * @param saved prefix of the run's newest checkpoint, if there is one
 * @returns a line that says what was missing, if anything was
 * @throws UserError `file` if another run has the folder now; then nothing is written
 */
export async function restoreFiles(
  { trainDir, settings, graph, recorder }: RunFiles,
  step: number,
  saved: string | undefined,
): Promise<string | undefined> {
  const dir = trainDir.path;
  const isThere = (await stat(dir).catch(() => undefined)) !== undefined;
  const gone: string[] = [];
  if (!trainDir.isHeld()) {
    await trainDir.claimAgain().catch((error) => {
      throw error instanceof UserError ? lost(error.message, step, error) : error;
    });
    gone.push('its lock file');
    const latest = (await readState(dir))?.latest;
    if (latest !== undefined && basename(latest) !== basename(saved ?? ''))
      throw lost(`${dir} holds another run`, step);
  }
  const text = await readTextIfThere(settingsPath(dir), MAX_TEXT_BYTES);
  const found = text === undefined ? undefined : parseSettings(text);
  if (found && formatSettings(found) !== formatSettings(settings))
    throw lost(`${dir} holds another run`, step);
  if (!found) {
    await writeSettings(dir, settings);
    gone.push(basename(settingsPath(dir)));
  }
  if (!(await isFile(graphTextPath(dir)))) {
    await writeGraphText(dir, graph);
    gone.push(basename(graphTextPath(dir)));
  }
  if (recorder.reopen(step)) gone.push('its event file');
  if (saved !== undefined && !(await isFile(indexPath(saved)))) gone.push(basename(saved));
  if (!isThere) return `${dir} was deleted during the run and is made again; earlier checkpoints are lost`;
  if (gone.length > 0) return `deleted from ${dir} during the run, now written again: ${gone.join(', ')}`;
  return undefined;
}

/** Another run has taken the folder, so this run cannot save anything any more. */
export class LostFolder extends UserError {}

function lost(why: string, step: number, cause?: unknown): LostFolder {
  return new LostFolder(
    'file',
    `${why}: this run, at step ${step}, has lost the folder and writes nothing more`,
    'Train again with another --train_dir.',
    { cause },
  );
}
