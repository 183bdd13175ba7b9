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
  /** The name that the user gave. */
  readonly filename: string;
  /** One of the format's `weightFormats`. */
  readonly weightFormat: WeightFormat;
  /** The output nodes; by default those that no other node reads. */
  readonly outputs?: readonly string[] | undefined;
}

/** A file format for frozen graphs. Equal graphs give equal bytes. */
export interface ExportFormat {
  /** One line that describes the format. */
  readonly doc: string;
  /** The ways in which the format can store weights. */
  readonly weightFormats: readonly WeightFormat[];
  /** The name of the first file that `encode` gives for the `filename` of its options. */
  mainFile(filename: string): string;
  encode(graph: GraphDef, options: EncodeOptions): readonly ExportedFile[];
  /**
   * The weights in files of this format, as float32 values in TensorFlow's layout, by the names of their nodes in the graph.
   * These are at least those that `weightConstants` finds in the graph.
   *
   * @throws UserError `graph` if the files are damaged
   */
  readWeights(files: readonly ExportedFile[]): ReadonlyMap<string, StoredWeight>;
  /** Matches the names of the other files, for a format whose number of files depends on the graph. */
  readonly parts?: RegExp;
  /** Bounds the rounding of weights, for a format that rounds in a way of its own. */
  readonly largestRounding?: LargestRounding;
  /** The binary GraphDef in the files, for a format that our runtime can run. */
  readGraph?(files: readonly ExportedFile[]): Uint8Array;
}

/** One weight tensor as files hold it. */
export interface StoredWeight {
  readonly value: TensorOf<'float32'>;
  /** Bytes that the tensor takes in the files, with the nodes that decode it. */
  readonly bytes: number;
}
