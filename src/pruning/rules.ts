import { UserError } from '../errors.ts';
import { hparamError } from '../hparams/errors.ts';
import { formatClause } from '../hparams/format.ts';
import { type PruningHparams, parseBlockEntry, parseSparsityEntry } from '../hparams/index.ts';
import { type BlockGrid, blockGrid } from './blocks.ts';
import { type SparsitySchedule, weightSchedule } from './schedule.ts';

/** A weight tensor of the network that is pruned; `name` as TensorFlow spells it, `conv1/weights`. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** How one weight tensor is pruned. */
export interface WeightRule {
  readonly name: string;
  readonly size: number;
  /** False where do_not_prune keeps the weight whole. */
  readonly pruned: boolean;
  readonly schedule: SparsitySchedule;
  /** Undefined where weights are pruned one by one. */
  readonly grid: BlockGrid | undefined;
}

/**
 * The rule of each weight, by name.
 *
 * @throws UserError `hparams` if two entries of a map match one weight; `argument` on an empty shape or a name given twice
 */
export function weightRules(
  hparams: PruningHparams,
  weights: readonly NamedWeight[],
): ReadonlyMap<string, WeightRule> {
  const rules = new Map<string, WeightRule>();
  for (const { name, shape } of weights) {
    if (rules.has(name)) throw new UserError('argument', `pruning: the weight ${name} is named twice`);
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (!Number.isInteger(size) || size < 1) {
      throw new UserError('argument', `pruning: ${name} has shape [${shape}], expected positive integers`);
    }
    const target = onlyMatch(hparams, 'weight_sparsity_map', parseSparsityEntry, name)?.sparsity;
    const block = onlyMatch(hparams, 'block_dims_map', parseBlockEntry, name) ?? {
      height: hparams.block_height,
      width: hparams.block_width,
    };
    rules.set(name, {
      name,
      size,
      pruned: !isKeptWhole(hparams, name),
      schedule: weightSchedule(hparams, target),
      grid: blockGrid(shape, block),
    });
  }
  return rules;
}

/** Whether do_not_prune names a part of the weight's name. */
export function isKeptWhole({ do_not_prune }: PruningHparams, weight: string): boolean {
  return do_not_prune.some((part) => weight.includes(part));
}

function onlyMatch<Entry extends { readonly entry: string; readonly pattern: RegExp }>(
  hparams: PruningHparams,
  map: 'weight_sparsity_map' | 'block_dims_map',
  parse: (entry: string) => Entry | undefined,
  weight: string,
): Entry | undefined {
  const matches = hparams[map].map(parse).filter((entry) => entry?.pattern.test(weight));
  if (matches.length <= 1) return matches[0];
  const entries = matches.map((entry) => entry?.entry).join(' and ');
  throw hparamError(
    formatClause(map, hparams[map]),
    `${entries} both match ${weight}`,
    'at most one entry for a weight',
  );
}
