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

/** Keeps the settings in the graph that is saved with a checkpoint, at a place that TensorFlow ignores. */
export function keepSettings(graph: MetaGraphDef, settings: RunSettings): void {
  const text = create(StringValueSchema, { value: formatSettings(settings) });
  graph.metaInfoDef!.anyInfo = anyPack(StringValueSchema, text);
}

/** The settings of the run that wrote a checkpoint, and what the user should know about where they are from. */
export interface KeptSettings {
  readonly settings: RunSettings;
  readonly notice?: string;
}

/**
 * The settings that are kept with a checkpoint: those of the run.json beside it or, where that is missing or damaged, those
 * in the checkpoint.
 *
 * @returns undefined if there are none, as another program writes it
 * @throws UserError `file` if run.json is damaged and there are none in the checkpoint
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
 * The settings of the run in a folder, or of the one that wrote the checkpoint that a prefix names.
 *
 * @returns undefined if there are none
 * @throws UserError `checkpoint` or `file` if what there is cannot be read
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
