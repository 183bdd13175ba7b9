/** How an export stores weights. `sparse` stores the survivors and a bitmask; `float16` and `int8` say how values are stored. */
export const WEIGHT_FORMATS = [
  'dense',
  'sparse',
  'float16',
  'int8',
  'sparse,float16',
  'sparse,int8',
] as const;

export type WeightFormat = (typeof WEIGHT_FORMATS)[number];
