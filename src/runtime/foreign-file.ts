import { fromBinary } from '@bufbuild/protobuf';
import { MetaGraphDefSchema } from '../wire/protos.ts';

/** What a file is that is not a frozen graph, as a noun phrase, and what to do with it. */
export interface ForeignFile {
  readonly what: string;
  readonly hint: string;
}

interface Kind extends ForeignFile {
  fits(bytes: Buffer, name: string): boolean;
}

const STRIP = 'Give its folder to the strip command, which writes a frozen graph.';
const FREEZE = 'Freeze it with TensorFlow to a binary GraphDef.';
const SAMPLE_BYTES = 512;

/** Kinds of files and how to recognize them, the most specific first. */
const KINDS: readonly Kind[] = [
  {
    what: "the values of a checkpoint's variables",
    hint: STRIP,
    fits: (_, name) => /\.data-\d{5}-of-\d{5}$/.test(name),
  },
  {
    what: 'the index of a checkpoint',
    hint: STRIP,
    fits: (bytes) => bytes.subarray(-8).toString('hex') === '57fb808b247547db',
  },
  {
    what: 'the state file of a folder of checkpoints',
    hint: STRIP,
    fits: (bytes) => text(bytes).startsWith('model_checkpoint_path:'),
  },
  {
    what: 'a tfjs model',
    hint: 'Give the .pb file that it was made from.',
    fits: (bytes) => text(bytes).trimStart().startsWith('{'),
  },
  {
    what: 'a graph in text format',
    hint: 'Write it in binary, as the strip command does.',
    fits: (bytes) => /^[\s\w":{}[\]#.,<>\\/+-]+$/.test(text(bytes)) && /^\s*(#|\w+\s*[:{])/.test(text(bytes)),
  },
  { what: 'a Keras model in HDF5', hint: FREEZE, fits: (bytes) => text(bytes).startsWith('\x89HDF') },
  {
    what: 'a zip archive, such as a Keras model',
    hint: FREEZE,
    fits: (bytes) => text(bytes).startsWith('PK'),
  },
  {
    what: 'compressed with gzip',
    hint: 'Decompress it first.',
    fits: (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b,
  },
  {
    what: 'a TensorFlow Lite model',
    hint: 'Give the graph that it was made from.',
    fits: (bytes) => bytes.toString('latin1', 4, 8) === 'TFL3',
  },
  // The next two begin with a version number in field 1, in which a GraphDef has a node.
  {
    what: 'a SavedModel',
    hint: FREEZE,
    fits: (bytes) => bytes[0] === 0x08 && bytes[1] === 1 && bytes[2] === 0x12,
  },
  {
    what: 'an ONNX model',
    hint: 'Give the .pb file that it was made from.',
    fits: (bytes) => bytes[0] === 0x08 && bytes[1]! > 1 && bytes[1]! < 32,
  },
  { what: 'the graph that a checkpoint was written from (a MetaGraphDef)', hint: STRIP, fits: isMetaGraph },
];

/** Recognizes bytes that are not a frozen graph; undefined if their kind is unknown. @param name of the file */
export function recognize(bytes: Uint8Array, name: string): ForeignFile | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return KINDS.find(({ fits }) => fits(buffer, name));
}

/** The first bytes of a file, each as one character. */
function text(bytes: Buffer): string {
  return bytes.toString('latin1', 0, SAMPLE_BYTES);
}

function isMetaGraph(bytes: Buffer): boolean {
  try {
    const { graphDef } = fromBinary(MetaGraphDefSchema, bytes, { readUnknownFields: false });
    return graphDef !== undefined && graphDef.node.length > 0;
  } catch {
    return false;
  }
}
