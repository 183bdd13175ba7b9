import { create } from '@bufbuild/protobuf';
import { NodeDefSchema } from '../../wire/protos.ts';
import { isControl } from '../origins.ts';
import type { Body } from './body.ts';

/** Splits each lookup in a variable into a read of the variable and a lookup in what was read. */
export function splitGathers(body: Body): void {
  for (const [name, node] of [...body.nodes]) {
    const { dtype, Tindices, batch_dims } = node.attr;
    const isOfBatches = batch_dims?.value.case === 'i' && batch_dims.value.value !== 0n;
    if (node.op !== 'ResourceGather' || !dtype || !Tindices || isOfBatches) continue;
    const [handle = '', indices = ''] = node.input.filter((input) => !isControl(input));
    let read = `${name}/ReadVariableOp`;
    while (body.nodes.has(read)) read += '_1';
    body.set(create(NodeDefSchema, { name: read, op: 'ReadVariableOp', input: [handle], attr: { dtype } }));
    body.set(
      create(NodeDefSchema, {
        name,
        op: 'Gather',
        input: [`${read}:value:0`, indices],
        attr: { Tparams: dtype, Tindices },
      }),
    );
  }
}
