import { create } from '@bufbuild/protobuf';
import { type AttrValue, AttrValueSchema, NodeDefSchema } from '../../wire/protos.ts';
import type { Program } from './body.ts';
import { type Call, callsOf, type Group } from './calls.ts';
import { outputsRead, renumberOutputs } from './outputs.ts';

/** Drops the results of functions that no caller reads, such as those that a training step kept for its gradients. Loops keep all. */
export function dropDeadResults(group: Group, program: Program): void {
  const count = group.bodies[0]!.results.length;
  if (group.fixed !== undefined || group.loops.size > 0) return;
  const read = new Set(callsOf(group).flatMap((call) => [...outputsRead(call, program)]));
  if (read.size === 0 || read.size === count) return;
  for (const call of callsOf(group)) {
    renumberOutputs(call, read, program);
    dropOutputs(call, read);
  }
  for (const body of group.bodies) {
    body.results = body.results.filter((_, index) => read.has(index));
    body.dropUnneeded();
  }
}

function dropOutputs({ caller, name }: Call, kept: ReadonlySet<number>): void {
  const node = caller.nodes.get(name)!;
  const attr = { ...node.attr };
  for (const key of ['Tout', 'output_shapes']) {
    const value = attr[key]?.value;
    if (value?.case === 'list') attr[key] = filtered(value, kept);
  }
  caller.set(create(NodeDefSchema, { ...node, attr }));
}

function filtered(
  { value: { type, shape, ...list } }: Extract<AttrValue['value'], { case: 'list' }>,
  kept: ReadonlySet<number>,
): AttrValue {
  const isKept = (_: unknown, index: number) => kept.has(index);
  const value = { ...list, type: type.filter(isKept), shape: shape.filter(isKept) };
  return create(AttrValueSchema, { value: { case: 'list', value } });
}
