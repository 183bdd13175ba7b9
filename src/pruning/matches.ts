import {
  type BlockEntry,
  type PruningHparams,
  type SparsityEntry,
  SUPPORTED_HPARAMS,
} from '../hparams/index.ts';
import type { NamedWeight } from './weights.ts';

/** An entry of a map with the names of the weights that it matches. */
export type Matched<Entry> = Entry & { readonly weights: readonly string[] };

/** The maps in hparams, parsed and matched with the names of weights. */
export interface MatchedMaps {
  readonly weight_sparsity_map: readonly Matched<SparsityEntry>[];
  readonly block_dims_map: readonly Matched<BlockEntry>[];
  readonly do_not_prune: readonly Matched<{ readonly entry: string }>[];
}

/** The hparams, weights and matched maps from which rules and warnings are made. */
export interface MatchedHparams {
  readonly hparams: PruningHparams;
  readonly weights: readonly NamedWeight[];
  readonly maps: MatchedMaps;
}

/** Parses the maps in hparams and matches them with weights. No other code parses these maps. */
export function matchHparams(hparams: PruningHparams, weights: readonly NamedWeight[]): MatchedHparams {
  const matching = (matches: (name: string) => boolean) => weights.map(({ name }) => name).filter(matches);
  const matched = <Entry extends { readonly pattern: RegExp }>(
    entries: readonly string[],
    parse: (entry: string) => Entry | undefined,
  ) =>
    entries
      .flatMap((entry) => parse(entry) ?? [])
      .map((entry) => ({ ...entry, weights: matching((name) => entry.pattern.test(name)) }));
  const { weight_sparsity_map, block_dims_map } = SUPPORTED_HPARAMS;
  return {
    hparams,
    weights,
    maps: {
      weight_sparsity_map: matched(hparams.weight_sparsity_map, weight_sparsity_map.parse),
      block_dims_map: matched(hparams.block_dims_map, block_dims_map.parse),
      do_not_prune: hparams.do_not_prune.map((entry) => ({
        entry,
        weights: matching((name) => name.includes(entry)),
      })),
    },
  };
}

/** The entries of a map that match a weight. */
export function entriesFor<Entry>(map: readonly Matched<Entry>[], weight: string): Matched<Entry>[] {
  return map.filter(({ weights }) => weights.includes(weight));
}

/** Whether a weight is pruned: no entry of do_not_prune matches it. */
export function isPruned({ do_not_prune }: MatchedMaps, weight: string): boolean {
  return entriesFor(do_not_prune, weight).length === 0;
}
