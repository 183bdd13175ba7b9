import { bool, choice, float, int, list, map, type Range, string } from './hparam.ts';
import { isBlockExtent, isSparsity, parseBlockEntry, parseSparsityEntry } from './maps.ts';

const step: Range<number> = {
  expected: 'an integer in [0, 2147483647]',
  accepts: (value) => value >= 0,
};
const stepOrNever: Range<number> = {
  expected: 'an integer in [1, 2147483647], or -1',
  accepts: (value) => value >= 1 || value === -1,
};
const blockExtent: Range<number> = {
  expected: 'an integer in [1, 2147483647], or -1 for the whole axis',
  accepts: isBlockExtent,
};
const fraction: Range<number> = { expected: 'a number in [0, 1)', accepts: isSparsity };
const notNegative: Range<number> = { expected: 'a finite number >= 0', accepts: (value) => value >= 0 };
const scopeName: Range<string> = {
  expected: 'a TensorFlow scope name: letters, digits and _ . / - with a letter, digit or . first',
  accepts: (value) => /^[A-Za-z0-9.][\w./-]*$/.test(value),
};
const substring: Range<string> = {
  expected: 'a part of a weight name, without blank "," and "]"',
  accepts: (value) => /^[^\s,\]]+$/.test(value),
};

/** The hparams that this library supports. It accepts and ignores those whose doc says so. */
export const SUPPORTED_HPARAMS = {
  name: string('model_pruning', 'Names the pruning in variables and TensorBoard tags', scopeName),
  begin_pruning_step: int(0, 'Global step from which masks may change', step),
  end_pruning_step: int(-1, 'Global step after which masks stay as they are; -1: never', stepOrNever),
  weight_sparsity_map: map(
    'Target sparsity of weights by name, such as [conv1:0.8,local.*:0.95]; others take target_sparsity',
    'regex:sparsity with a valid regular expression and a sparsity in [0, 1)',
    parseSparsityEntry,
  ),
  block_dims_map: map(
    'Block height and width of weights by name, such as [local3:4x4]; others take block_height, block_width',
    'regex:HxW with a valid regular expression and integers H and W >= 1, or -1 for the whole axis',
    parseBlockEntry,
  ),
  threshold_decay: float(0, 'Decay of the moving average of thresholds; 0: no smoothing', fraction),
  pruning_frequency: int(10, 'Least number of steps between two mask updates', step),
  nbins: int(256, 'Accepted and ignored: thresholds are exact, not read from a histogram'),
  block_height: int(1, 'Rows of a block of weights that are pruned together; -1: all rows', blockExtent),
  block_width: int(1, 'Columns of a block of weights that are pruned together; -1: all columns', blockExtent),
  block_pooling_function: choice(['AVG', 'MAX'], "How a block's magnitudes become one"),
  initial_sparsity: float(0, 'Sparsity until sparsity_function_begin_step', fraction),
  target_sparsity: float(0.5, 'Sparsity from sparsity_function_end_step on', fraction),
  sparsity_function_begin_step: int(0, 'Global step at which sparsity leaves initial_sparsity', step),
  sparsity_function_end_step: int(100, 'Global step at which sparsity reaches target_sparsity', step),
  sparsity_function_exponent: float(
    3,
    '1: sparsity grows evenly; larger: fast at first, slowly at the end',
    notNegative,
  ),
  use_tpu: bool(false, 'Accepted and ignored: nothing here runs on a TPU'),
  do_not_prune: list(
    'Weights whose name contains one of these stay whole, such as [conv1,softmax]',
    substring,
  ),
} as const;

/** Hparams that google-research added later. The parser knows them, but refuses all values except their defaults. */
export const UNSUPPORTED_HPARAMS = {
  prune_option: string(
    'weight',
    'Prune by weight, first_order_gradient, second_order_gradient or compression',
  ),
  gradient_decay_rate: float(0.99, 'Decay of the averaged gradients of gradient-based pruning'),
  intra_block_sparsity: bool(false, 'N:M sparsity inside blocks of block_width'),
  group_pruning: bool(false, 'One threshold for a group of weights'),
  group_sparsity_map: list('Target sparsity of groups by name'),
  group_block_dims_map: list('Block height and width of groups by name'),
  add_summary: bool(true, 'Whether pruning writes summaries'),
  alpha_decrement_value: float(0.01, 'Compression'),
  begin_compression_step: int(0, 'Compression'),
  end_compression_step: int(-1, 'Compression'),
  compression_frequency: int(10, 'Compression'),
  compression_option: int(0, 'Compression'),
  rank: int(7, 'Compression'),
  block_size: int(1, 'Compression'),
  update_option: int(0, 'Compression'),
  run_update_interval_check: int(1, 'Compression'),
  pruning_fraction: float(0.4, 'Compression'),
  use_collection: bool(true, 'Compression'),
  do_transpose: bool(false, 'Compression'),
  compress_input: bool(true, 'Compression'),
  input_compression_factor: int(1, 'Compression'),
  input_block_size: int(1, 'Compression'),
  compress_output: bool(false, 'Compression'),
  output_compression_factor: int(1, 'Compression'),
  output_block_size: int(1, 'Compression'),
  block_method: string('loop', 'Compression'),
  block_compression_factor: int(1, 'Compression'),
  compression_factor: int(1, 'Compression'),
  num_bases: int(1, 'Compression'),
} as const;

export type HparamName = keyof typeof SUPPORTED_HPARAMS;

/** The values of all supported hparams, under TensorFlow's names. Floats are float64. */
export type PruningHparams = {
  readonly [Name in HparamName]: (typeof SUPPORTED_HPARAMS)[Name]['default'];
};

export const HPARAM_NAMES = Object.keys(SUPPORTED_HPARAMS) as readonly HparamName[];

export const DEFAULT_HPARAMS = Object.fromEntries(
  HPARAM_NAMES.map((name) => [name, SUPPORTED_HPARAMS[name].default]),
) as PruningHparams;
