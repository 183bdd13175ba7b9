/**
 * The kernels, in the order by which programs number them: plain functions over byte offsets in one shared memory, documented where they
 * are written, in assembly/. All arguments are 32-bit integers; float32 parameters are passed as the offset of a value in memory.
 */
export const KERNELS = [
  'add',
  'clearRowEnds',
  'convDense',
  'convSparse',
  'copyStrided',
  'descend',
  'gatherDense',
  'gatherSparse',
  'listSurvivors',
  'lrn',
  'lrnGradient',
  'matMul',
  'maxPool',
  'maxPoolGradient',
  'maxPoolValues',
  'multiply',
  'narrowSparse',
  'packDense',
  'packSparse',
  'relu',
  'reluGradient',
  'softmax',
  'softmaxCrossEntropy',
  'sumPlanes',
  'sumSlices',
  'transpose',
  'weightGradientDense',
  'weightGradientSparse',
] as const;

export type KernelName = (typeof KERNELS)[number];

/** The most arguments a kernel takes. */
export const MAX_ARGUMENTS = 17;

export type Kernel = (...args: number[]) => void;
export type Kernels = Readonly<Record<KernelName, Kernel>>;
