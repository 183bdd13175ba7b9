import { closest } from 'fastest-levenshtein';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type BundleEntryProto, DataType } from '../wire/protos.ts';
import {
  bytesPerElement,
  type Dtype,
  dtypeOf,
  elementCount,
  type Tensor,
  tensorFromBytes,
} from '../wire/tensor.ts';
import { type Bundle, readBundle } from './bundle.ts';
import { damaged, hintingAtOlder } from './damage.ts';
import { readEntryBytes } from './data.ts';
import { BY_NAME } from './file-access.ts';
import { indexPath, stepOfPrefix } from './files.ts';
import { sliceKey } from './ordered-code.ts';
import { joinSlices, resolveSlice, type Slice } from './slices.ts';

/** A checkpoint whose index has been read. */
export interface Checkpoint {
  readonly prefix: string;
  /** The N of `model.ckpt-N`; undefined if the prefix does not end in a number. */
  readonly step: number | undefined;
  /** Names of all readable variables, in bytewise order. Leaves out strings and other special types. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** The type of a variable. @throws UserError `checkpoint` if there is no such variable or its type cannot be read */
  dtype(name: string): Dtype;
  /** The shape of a variable. @throws UserError `checkpoint` if there is no such variable */
  shape(name: string): readonly number[];
  /**
   * Reads a variable's values and compares their checksum. Joins the slices of a partitioned variable.
   *
   * @throws UserError `checkpoint` if there is no such variable, its type cannot be read, or a data file is missing or damaged
   */
  read(name: string): Promise<Tensor>;
}

/**
 * Opens a V2 checkpoint of this package or of TensorFlow, with one data file or several. Data files are opened each time they are
 * read; if a run may delete them meanwhile, use {@link openLatest}.
 *
 * @param prefix path of its files without `.index`, for example `DIR/model.ckpt-70`
 * @throws UserError `checkpoint` if the index is missing or damaged
 */
export async function openCheckpoint(prefix: string): Promise<Checkpoint> {
  return checkpointOf(await hintingAtOlder(prefix, () => readBundle(prefix, BY_NAME)));
}

export function checkpointOf(bundle: Bundle): Checkpoint {
  const { prefix } = bundle;
  return {
    prefix,
    step: stepOfPrefix(prefix),
    names: [...bundle.variables].flatMap(([name, { dtype }]) => (dtypeOf(dtype) ? [name] : [])),
    has: (name) => bundle.variables.has(name),
    dtype: (name) => dtypeOfEntry(bundle, name, entryOf(bundle, name)),
    shape: (name) => shapeOf(bundle, name, entryOf(bundle, name)),
    read: (name) => hintingAtOlder(prefix, () => readVariable(bundle, name)),
  };
}

async function readVariable(bundle: Bundle, name: string): Promise<Tensor> {
  const entry = entryOf(bundle, name);
  const dtype = dtypeOfEntry(bundle, name, entry);
  const shape = shapeOf(bundle, name, entry);
  if (entry.slices.length > 0) return readPartitioned(bundle, name, entry, dtype, shape);
  return tensorFromBytes(dtype, shape, await readValues(bundle, name, entry, dtype, shape));
}

async function readPartitioned(
  bundle: Bundle,
  name: string,
  { slices }: BundleEntryProto,
  dtype: Dtype,
  shape: readonly number[],
): Promise<Tensor> {
  const parts: [Slice, Uint8Array][] = [];
  for (const proto of slices) {
    const slice = resolveSlice(proto, shape);
    const entry = bundle.slices.get(Buffer.from(sliceKey(name, proto)).toString('hex'));
    if (!slice || !entry || dtypeOf(entry.dtype) !== dtype) throw slicesDoNotFit(bundle, name, shape);
    parts.push([slice, await readValues(bundle, name, entry, dtype, slice.shape)]);
  }
  const whole = joinSlices(dtype, shape, parts);
  if (!whole) throw slicesDoNotFit(bundle, name, shape);
  return whole;
}

async function readValues(
  bundle: Bundle,
  name: string,
  entry: BundleEntryProto,
  dtype: Dtype,
  shape: readonly number[],
): Promise<Uint8Array> {
  const expected = elementCount(shape) * bytesPerElement(dtype);
  if (Number(entry.size) !== expected)
    throw damaged(
      indexPath(bundle.prefix),
      `${printable(name)}, ${dtype} of shape [${shape}], has ${entry.size} bytes, expected ${expected}`,
    );
  return readEntryBytes(bundle, name, entry);
}

function entryOf({ prefix, variables }: Bundle, name: string): BundleEntryProto {
  const entry = variables.get(name);
  if (entry) return entry;
  const names = [...variables.keys()];
  const hint =
    names.length > 0
      ? `Name one of its variables; the nearest is ${printable(closest(name, names))}.`
      : 'Name another checkpoint: this one has no variables.';
  throw new UserError('checkpoint', `${prefix} has no variable ${printable(name)}`, hint);
}

function dtypeOfEntry({ prefix }: Bundle, name: string, entry: BundleEntryProto): Dtype {
  const dtype = dtypeOf(entry.dtype);
  if (dtype) return dtype;
  throw new UserError(
    'checkpoint',
    `${printable(name)} in ${prefix} is of type ${DataType[entry.dtype] ?? entry.dtype}, which this package does not read`,
    'Choose output nodes that do not need it, or save it as float32.',
  );
}

function shapeOf({ prefix }: Bundle, name: string, { shape }: BundleEntryProto): readonly number[] {
  const extents = shape?.dim.map(({ size }) => Number(size)) ?? [];
  if (extents.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) return extents;
  throw damaged(indexPath(prefix), `${printable(name)} has shape [${extents}]`);
}

function slicesDoNotFit({ prefix }: Bundle, name: string, shape: readonly number[]): UserError {
  return damaged(indexPath(prefix), `the slices of ${printable(name)} do not fill its shape [${shape}]`);
}
