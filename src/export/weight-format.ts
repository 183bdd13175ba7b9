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

/** The element type that values are stored as. */
export type ValueType = 'float32' | 'float16' | 'int8';

/** The parts of a format: whether zeros are left out, and the element type of the stored values. */
export function partsOf(format: WeightFormat): { sparse: boolean; type: ValueType } {
  const words: readonly string[] = format.split(',');
  const type = (['float16', 'int8'] as const).find((each) => words.includes(each)) ?? 'float32';
  return { sparse: words.includes('sparse'), type };
}

/** The format that a user's text names, with its words in any order; undefined if there is none. */
export function weightFormatOf(text: string): WeightFormat | undefined {
  const sorted = (words: string) => words.split(',').toSorted().join();
  const given = sorted(text.replaceAll(' ', ''));
  return WEIGHT_FORMATS.find((format) => sorted(format) === given);
}
