import { create, toBinary } from '@bufbuild/protobuf';
import { GraphDefSchema, type NodeDef } from '../../wire/protos.ts';

/** How much of a binary GraphDef nodes take. */
export function encodedBytes(node: NodeDef[]): number {
  return toBinary(GraphDefSchema, create(GraphDefSchema, { node })).length;
}
