import type { Extents } from '../engine/graph-plan.ts';
import { printable } from '../printable.ts';
import type { AttrValue, NodeDef, TensorProto } from '../wire/protos.ts';
import { DataType } from '../wire/protos.ts';
import { nodeError } from './node-error.ts';

type Value = AttrValue['value'];
type Case = NonNullable<Value['case']>;
type ValueOf<C extends Case> = Extract<Value, { case: C }>['value'];

/** An attribute's value; undefined if the node does not have it. @throws UserError `graph` if it is of another kind */
function read<C extends Case>(node: NodeDef, key: string, kind: C) {
  const value = node.attr[key]?.value;
  if (value?.case === undefined) return undefined;
  if (value.case !== kind)
    throw nodeError(node, `has attribute ${key} of kind ${value.case}, expected ${kind}`);
  return value.value as ValueOf<C>;
}

export const booleanAttribute = (node: NodeDef, key: string) => read(node, key, 'b') ?? false;
export const floatAttribute = (node: NodeDef, key: string, otherwise: number) =>
  read(node, key, 'f') ?? otherwise;
export const integerAttribute = (node: NodeDef, key: string, otherwise: number) =>
  Number(read(node, key, 'i') ?? otherwise);

export const integersAttribute = (node: NodeDef, key: string) => read(node, key, 'list')?.i.map(Number) ?? [];
export const typeAttribute = (node: NodeDef, key: string) => read(node, key, 'type');

/** The value of a constant. @throws UserError `graph` if it has none */
export function tensorAttribute(node: NodeDef): TensorProto {
  const value = read(node, 'value', 'tensor');
  if (!value) throw nodeError(node, 'has no value');
  return value;
}

/** The shape that a placeholder or a variable declares; an open extent is -1. Undefined if not even the rank is known. */
export function declaredShape(node: NodeDef): number[] | undefined {
  const shape = read(node, 'shape', 'shape');
  return shape && !shape.unknownRank ? shape.dim.map(({ size }) => Number(size)) : undefined;
}

/** @throws UserError `graph` unless the type attribute `key` is float32 or absent */
export function expectFloat32(node: NodeDef, key: string): void {
  const type = typeAttribute(node, key) ?? DataType.DT_FLOAT;
  if (type === DataType.DT_FLOAT) return;
  throw nodeError(node, `computes with ${DataType[type] ?? `type ${type}`}, expected DT_FLOAT`);
}

/** @throws UserError `graph` unless `data_format` is NHWC or absent */
export function expectNhwc(node: NodeDef): void {
  const format = text(node, 'data_format') ?? 'NHWC';
  if (format !== 'NHWC') throw nodeError(node, `has data_format ${printable(format)}, expected NHWC`);
}

export function paddingAttribute(node: NodeDef): 'SAME' | 'VALID' {
  const padding = text(node, 'padding');
  if (padding === 'SAME' || padding === 'VALID') return padding;
  throw nodeError(
    node,
    `has ${padding === undefined ? 'no padding' : `padding ${printable(padding)}`}, expected SAME or VALID`,
  );
}

/** Height and width of an attribute [1, height, width, 1]; `otherwise` if it is absent. @throws UserError `graph` on other values */
export function extentsAttribute(node: NodeDef, key: string, otherwise?: Extents): Extents {
  const given = integersAttribute(node, key);
  if (given.length === 0 && otherwise) return otherwise;
  const [batch, height, width, channels] = given;
  if (given.length === 4 && batch === 1 && channels === 1 && height! > 0 && width! > 0)
    return [height!, width!];
  throw nodeError(node, `has ${key} [${given}], expected [1, height, width, 1]`);
}

function text(node: NodeDef, key: string): string | undefined {
  const bytes = read(node, key, 's');
  return bytes && new TextDecoder().decode(bytes);
}
