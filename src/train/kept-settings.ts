import { dirname } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { anyPack, anyUnpack, StringValueSchema } from '@bufbuild/protobuf/wkt';
import { latestCheckpoint, metaPath, readMetaGraph } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import type { MetaGraphDef } from '../wire/protos.ts';
import {
  formatSettings,
  parseSettings,
  type RunSettings,
  readSettings,
  settingsPath,
} from './run-settings.ts';

/** Stores the settings in the graph that is saved with a checkpoint, in a place that TensorFlow ignores. */
export function keepSettings(graph: MetaGraphDef, settings: RunSettings): void {
  const text = create(StringValueSchema, { value: formatSettings(settings) });
  graph.metaInfoDef!.anyInfo = anyPack(StringValueSchema, text);
}

/** The settings of the run that wrote a checkpoint, and a notice for the user if they are not from run.json. */
export interface KeptSettings {
  readonly settings: RunSettings;
  readonly notice?: string;
}

/**
 * The settings that are stored with a checkpoint: those in the run.json beside it or, if that is missing or damaged, those in
 * the checkpoint's graph.
 *
 * @returns undefined if there are none, as in checkpoints of another program
 * @throws UserError `file` if run.json is damaged and the checkpoint has no settings
 */
export async function keptSettings(prefix: string): Promise<KeptSettings | undefined> {
  const dir = dirname(prefix);
  let damage: UserError | undefined;
  const beside = await readSettings(dir).catch((error) => {
    if (!(error instanceof UserError)) throw error;
    damage = error;
    return undefined;
  });
  if (beside) return { settings: beside };
  const settings = await settingsInCheckpoint(prefix);
  if (settings)
    return {
      settings,
      notice: `${settingsPath(dir)} is ${damage ? 'damaged' : 'not there'}; the settings are those kept in ${metaPath(prefix)}`,
    };
  if (damage) throw damage;
  return undefined;
}

/**
 * The settings of the run in a folder, or of the run that wrote the checkpoint with a prefix.
 *
 * @returns undefined if there are none
 * @throws UserError `checkpoint` or `file` if files are damaged or cannot be read
 */
export async function settingsOfRun(dirOrPrefix: string): Promise<RunSettings | undefined> {
  const prefix = await latestCheckpoint(dirOrPrefix);
  return prefix === undefined ? readSettings(dirOrPrefix) : (await keptSettings(prefix))?.settings;
}

async function settingsInCheckpoint(prefix: string): Promise<RunSettings | undefined> {
  const graph = await readMetaGraph(prefix).catch(() => undefined);
  const info = graph?.metaInfoDef?.anyInfo;
  const text = info && anyUnpack(info, StringValueSchema)?.value;
  return text === undefined ? undefined : parseSettings(text);
}
