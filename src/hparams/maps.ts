import { parseInteger, parseNumber } from './literals.ts';

/** An entry of `weight_sparsity_map`: the target sparsity of all weights whose names match the pattern anywhere. */
export interface SparsityEntry {
  readonly entry: string;
  readonly pattern: RegExp;
  readonly sparsity: number;
}

/** Rows and columns of a block; -1 means the whole axis. */
export interface BlockDims {
  readonly height: number;
  readonly width: number;
}

/** An entry of `block_dims_map`: the block of all weights whose names match the pattern anywhere. */
export interface BlockEntry extends BlockDims {
  readonly entry: string;
  readonly pattern: RegExp;
}

/** Parses `regex:sparsity`; undefined if the entry is malformed. */
export function parseSparsityEntry(entry: string): SparsityEntry | undefined {
  const { pattern, value } = splitEntry(entry);
  const sparsity = parseNumber(value);
  if (!pattern || sparsity === undefined || !isSparsity(sparsity)) return undefined;
  return { entry, pattern, sparsity };
}

/** Parses `regex:HxW`; undefined if the entry is malformed. */
export function parseBlockEntry(entry: string): BlockEntry | undefined {
  const { pattern, value } = splitEntry(entry);
  const [height, width, ...rest] = value.split('x').map(parseInteger);
  if (!pattern || !isBlockExtent(height) || !isBlockExtent(width) || rest.length > 0) return undefined;
  return { entry, pattern, height, width };
}

export function isSparsity(value: number): boolean {
  return value >= 0 && value < 1;
}

export function isBlockExtent(value: number | undefined): value is number {
  return value !== undefined && (value >= 1 || value === -1);
}

function splitEntry(entry: string): { pattern: RegExp | undefined; value: string } {
  const [source = '', value = '', ...rest] = entry.split(':');
  const readable = source !== '' && rest.length === 0 && !/[\s,\]]/.test(entry);
  return { pattern: readable ? compile(source) : undefined, value };
}

function compile(source: string): RegExp | undefined {
  try {
    // With the unicode flag, Python's own escapes (\A, \Z) are errors instead of letters.
    return new RegExp(source, 'u');
  } catch {
    return undefined;
  }
}
