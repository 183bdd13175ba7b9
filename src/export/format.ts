import type { GraphDef } from '../wire/protos.ts';

/** A file of an export, not yet written. */
export interface ExportedFile {
  /** Relative to the folder of the export. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A way to write a frozen graph down. Pure: equal graphs give equal bytes. */
export interface ExportFormat {
  /** For `--help`. */
  readonly doc: string;
  /** @param filename as the user gave it */
  encode(graph: GraphDef, filename: string): readonly ExportedFile[];
}
