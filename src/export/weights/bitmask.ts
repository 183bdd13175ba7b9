import { type Attributes, constant, node, typeAttr } from '../../graph/index.ts';
import { DataType, type NodeDef } from '../../wire/protos.ts';
import { elementCount, type Tensor, tensorFromBytes } from '../../wire/tensor.ts';
import type { StoredValues } from './values.ts';

/** A tensor without its zeros. */
export interface SparseTensor {
  readonly shape: readonly number[];
  /** One bit for each element, row-major, the lowest bit of a byte first: 1 if the element is kept. */
  readonly bits: Uint8Array;
  /** A 0, then the elements that are kept, in order. */
  readonly survivors: Tensor;
}

const BITS = 8;
const BIT_NUMBERS = Uint8Array.from({ length: BITS }, (_, bit) => bit);

/** Only +0 is left out, so that decoding gives back the same bits. */
const isKept = (element: number) => element !== 0 || Object.is(element, -0);

export function withoutZeros({ dtype, shape, data }: StoredValues['values']): SparseTensor {
  const bits = new Uint8Array(Math.ceil(data.length / BITS));
  data.forEach((element, i) => {
    if (isKept(element)) bits[i >> 3]! |= 1 << (i & 7);
  });
  const kept = data.filter(isKept);
  const bytes = new Uint8Array(kept.BYTES_PER_ELEMENT + kept.byteLength);
  bytes.set(new Uint8Array(kept.buffer), kept.BYTES_PER_ELEMENT);
  return { shape, bits, survivors: tensorFromBytes(dtype, [1 + kept.length], bytes) };
}

const FLOAT = typeAttr(DataType.DT_FLOAT);
const INT32 = typeAttr(DataType.DT_INT32);
const UINT8 = typeAttr(DataType.DT_UINT8);

/**
 * The nodes that put the zeros back, with operations that every TensorFlow has on a CPU. The bits become numbers 0 or 1. The
 * cumulative sum of these numbers, times an element's own number, is the element's index among the survivors; every zero
 * gets index 0. For example, bits 0 1 1 0 1 have the sums 0 1 2 2 3 and the indices 0 1 2 0 3.
 *
 * @param survivors names a node that gives `tensor.survivors` as float32
 * @param scope prefix of the nodes' names
 * @returns the nodes; the last one gives the tensor as float32
 */
export function putZerosBack({ shape, bits }: SparseTensor, survivors: string, scope: string): NodeDef[] {
  const nodes: NodeDef[] = [];
  const add = (made: NodeDef) => {
    nodes.push(made);
    return made.name;
  };
  const op = (name: string, kind: string, inputs: string[], attr: Attributes) =>
    add(node(`${scope}/${name}`, kind, inputs, attr));
  const bytes = (name: string, extents: number[], data: Uint8Array) =>
    add(constant(`${scope}/${name}`, { dtype: 'uint8', shape: extents, data }));
  const integers = (name: string, extents: number[], ...data: number[]) =>
    add(constant(`${scope}/${name}`, { dtype: 'int32', shape: extents, data: Int32Array.from(data) }));

  const shifted = op(
    'shifted',
    'RightShift',
    [bytes('bits', [bits.length, 1], bits), bytes('shifts', [BITS], BIT_NUMBERS)],
    { T: UINT8 },
  );
  const table = op('table', 'BitwiseAnd', [shifted, bytes('one', [], Uint8Array.of(1))], { T: UINT8 });
  let flat = op('flat', 'Reshape', [table, integers('all', [1], -1)], { T: UINT8 });
  const count = elementCount(shape);
  if (count < bits.length * BITS)
    flat = op('cut', 'Slice', [flat, integers('begin', [1], 0), integers('count', [1], count)], {
      Index: INT32,
      T: UINT8,
    });
  const present = op('present', 'Cast', [flat], { DstT: INT32, SrcT: UINT8 });
  const axis = integers('axis', [], 0);
  const rank = op('rank', 'Cumsum', [present, axis], { T: INT32 });
  const place = op('place', 'Mul', [rank, present], { T: INT32 });
  const elements = op('elements', 'GatherV2', [survivors, place, axis], {
    Taxis: INT32,
    Tindices: INT32,
    Tparams: FLOAT,
  });
  op('dense', 'Reshape', [elements, integers('shape', [shape.length], ...shape)], { T: FLOAT });
  return nodes;
}
