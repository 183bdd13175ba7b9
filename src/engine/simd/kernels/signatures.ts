/**
 * The kind of an argument. All arguments are 32-bit words; a float32 is passed as the address of its value in memory.
 *
 * - address: bytes from the start of shared memory or, from `THREAD_MEMORY` on, of the thread's own memory
 * - bytes: a stride
 * - count: a number or an index of rows, columns, images, channels, taps or pixels
 * - shift: a number of bits
 * - flag: 0 or 1
 */
export type ArgumentKind = 'address' | 'bytes' | 'count' | 'shift' | 'flag';

/**
 * The kernels with their arguments, in the order and by the names of the functions in assembly/, which document them. Each text begins
 * with the kind of the arguments that it names. A kernel's position in this table is its number in encoded programs.
 */
const SIGNATURES = {
  add: ['address a b y', 'count n0 n1 n2 n3', 'bytes a0 a1 a2 a3', 'bytes b0 b1 b2 b3'],
  clearRowEnds: ['count planes', 'address target', 'bytes plane', 'count rows', 'bytes row', 'count columns'],
  convDense: [
    'address x y',
    'count rows columns',
    'bytes xRow yRow yPlane',
    'address taps',
    'count tapCount',
    'address weights',
    'bytes weightsStride',
    'count blocks',
    'address bias floor',
  ],
  convSparse: [
    'address x y',
    'count rows columns',
    'bytes xRow yRow yPlane',
    'address pairs',
    'bytes pairsStride',
    'address counts',
    'count channels',
    'address bias floor',
  ],
  copyStrided: [
    'address source target',
    'count planes rows columns',
    'bytes sourcePlane sourceRow sourceColumn targetPlane targetRow targetColumn',
  ],
  descend: ['address weights gradient average', 'count count', 'address step decay squares total'],
  gatherDense: [
    'address slices',
    'bytes slice',
    'count sliceCount',
    'address mask gradient tapIndex',
    'count tapCount paddedTaps channelStep firstBlock blocks',
  ],
  gatherSparse: [
    'address slices',
    'bytes slice',
    'count sliceCount',
    'address gradient',
    'bytes pairsStride',
    'address indices counts',
    'count firstChannel channels',
  ],
  listSurvivors: [
    'address mask taps tapIndex',
    'count tapCount channelStep',
    'address pairs',
    'bytes pairsStride',
    'address indices counts',
    'count firstChannel channels',
  ],
  lrn: [
    'address x y',
    'count channels rows columns',
    'bytes xPlane xRow yPlane yRow',
    'count radius',
    'address parameters scratch',
  ],
  lrnGradient: [
    'address x dy dx',
    'count channels',
    'bytes plane',
    'count radius',
    'address parameters scratch',
  ],
  matMul: ['address a b y', 'count rows inner columns', 'bytes aRow aColumn bRow'],
  maxPool: [
    'address x y argmax',
    'count planes rows columns',
    'bytes xPlane xRow',
    'count outRows outColumns',
    'bytes yPlane yRow',
    'count size stride top left',
  ],
  maxPoolGradient: [
    'address dy argmax dx',
    'count planes rows',
    'bytes xPlane xRow',
    'count outRows outColumns',
    'bytes yPlane yRow',
    'count stride top left',
  ],
  maxPoolValues: [
    'address x y',
    'count planes rows columns',
    'bytes xPlane xRow',
    'count outRows outColumns',
    'bytes yPlane yRow',
    'count height width down right top left',
  ],
  multiply: ['address a b y', 'count n0 n1 n2 n3', 'bytes a0 a1 a2 a3', 'bytes b0 b1 b2 b3'],
  narrowSparse: [
    'address x y',
    'shift shift',
    'bytes yPlane',
    'address pairs',
    'bytes pairsStride',
    'address counts',
    'count channels',
    'address bias floor',
  ],
  packDense: ['address weights mask target tapIndex', 'count tapCount channelStep firstBlock blocks'],
  packSparse: [
    'address weights pairs',
    'bytes pairsStride',
    'address indices counts',
    'count firstChannel channels',
  ],
  relu: ['address x y', 'count count'],
  reluGradient: ['address d y', 'count count'],
  softmax: ['address values', 'count rows columns', 'bytes stride'],
  softmaxCrossEntropy: [
    'address logits labels',
    'count images columns classes',
    'bytes row',
    'address gradient scale loss hits',
  ],
  sumPlanes: ['address source sums', 'count planes rows columns', 'bytes plane row', 'flag accumulate'],
  sumSlices: ['address slices', 'bytes slice', 'count sliceCount', 'address target', 'count count'],
  transpose: ['address source target', 'count rows columns', 'bytes sourceRow targetRow'],
  weightGradientDense: [
    'address x dy',
    'count images',
    'bytes xImage dyImage',
    'count rows columns',
    'bytes xRow dyRow dyPlane',
    'address taps',
    'count tapCount blocks',
    'address gradient',
    'bytes gradientStride',
    'flag accumulate',
  ],
  weightGradientSparse: [
    'address x dy',
    'count images',
    'bytes xImage dyImage',
    'count rows columns',
    'bytes xRow dyRow dyPlane',
    'address pairs',
    'bytes pairsStride',
    'address counts',
    'count channels',
    'address partials gradient',
    'flag accumulate',
  ],
} as const satisfies Readonly<Record<string, readonly `${ArgumentKind} ${string}`[]>>;

type Signatures = typeof SIGNATURES;
export type KernelName = keyof Signatures;

/** The words of a text, as a union. */
type Words<Text extends string> = Text extends `${infer Word} ${infer Rest}` ? Word | Words<Rest> : Text;
type Names<Group> = Group extends `${ArgumentKind} ${infer Listed}` ? Words<Listed> : never;

/** A call of the named kernel, with exactly its arguments, by name. */
export type CallOf<Name extends KernelName> = {
  readonly [Property in 'kernel' | Names<Signatures[Name][number]>]: Property extends 'kernel'
    ? Name
    : number;
};

/** A call of any kernel. */
export type Call = { [Name in KernelName]: CallOf<Name> }[KernelName];

/** The names of the kernels; a kernel's index is its number in encoded programs. */
export const KERNELS = Object.keys(SIGNATURES) as KernelName[];

/** The most arguments that any kernel takes. */
export const MAX_ARGUMENTS = 17;

export interface Parameter {
  readonly name: string;
  readonly kind: ArgumentKind;
}

/** The parameters of a kernel, in order. */
export function parametersOf(kernel: KernelName): Parameter[] {
  return SIGNATURES[kernel].flatMap((group) => {
    const [kind, ...names] = group.split(' ') as [ArgumentKind, ...string[]];
    return names.map((name) => ({ name, kind }));
  });
}

/** A kernel's name and those of its arguments, in order: `relu x y count`. */
export function signatureText(kernel: KernelName): string {
  return [kernel, ...parametersOf(kernel).map(({ name }) => name)].join(' ');
}
