import { create, toBinary } from '@bufbuild/protobuf';
import { GraphDefSchema, type NodeDef } from '../../wire/protos.ts';

/** The bytes that nodes take in a binary GraphDef. */
export function encodedBytes(node: NodeDef[]): number {
  return toBinary(GraphDefSchema, create(GraphDefSchema, { node })).length;
}
