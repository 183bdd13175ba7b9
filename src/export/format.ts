import type { GraphDef } from '../wire/protos.ts';
import type { TensorOf } from '../wire/tensor.ts';
import type { WeightFormat } from './weight-format.ts';
import type { LargestRounding } from './weights/rounding.ts';

/** A file of an export, not yet written. */
export interface ExportedFile {
  /** Relative to the folder of the export. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface EncodeOptions {
  /** As the user gave it. */
  readonly filename: string;
  /** One of the format's own. */
  readonly weightFormat: WeightFormat;
  /** The nodes whose values are wanted; by default those that no other node reads. */
  readonly outputs?: readonly string[] | undefined;
}

/** A way to write a frozen graph down. Pure: equal graphs give equal bytes. */
export interface ExportFormat {
  /** For `--help`. */
  readonly doc: string;
  /** What it can store weights as. */
  readonly weightFormats: readonly WeightFormat[];
  /** The name of the first file that `encode` gives for the `filename` of its options. */
  mainFile(filename: string): string;
  encode(graph: GraphDef, options: EncodeOptions): readonly ExportedFile[];
  /**
   * The weights that files of this format hold, as float32 values in TensorFlow's layout, by the names of their nodes in
   * the graph: at least those that `weightConstants` finds there.
   *
   * @throws UserError `graph` if the files are damaged
   */
  readWeights(files: readonly ExportedFile[]): ReadonlyMap<string, StoredWeight>;
  /** What names its files have beside the main one, where their number depends on the graph. */
  readonly parts?: RegExp;
  /** How far from the graph's a weight may be that is read back, where the format rounds in a way of its own. */
  readonly largestRounding?: LargestRounding;
  /** The binary GraphDef in the files, if they hold one, for our runtime to run. */
  readGraph?(files: readonly ExportedFile[]): Uint8Array;
}

/** What files hold of one weight tensor. */
export interface StoredWeight {
  readonly value: TensorOf<'float32'>;
  /** How much of the files it takes, with what decodes it. */
  readonly bytes: number;
}
