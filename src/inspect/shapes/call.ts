import { integersAttribute } from '../../tensorflow/attributes.ts';
import type { NodeDef } from '../../wire/protos.ts';
import type { PartialShape } from './partial-shape.ts';

/** A TensorFlow node and what is known of its inputs. */
export interface Call {
  readonly node: NodeDef;
  readonly inputs: readonly (PartialShape | undefined)[];
  /** The integers of an input, of any rank; undefined if they are not known. */
  integers(input: number): readonly number[] | undefined;
}

/**
 * The shape of a node's only output, or its first.
 *
 * @returns undefined if the shape is unknown
 * @throws UserError `graph` if an attribute is damaged
 */
export type Rule = (call: Call) => PartialShape | undefined;

/** The shapes of several outputs. */
export type OutputsRule = (call: Call) => readonly (PartialShape | undefined)[];

/** One integer of an input. */
export function integer({ integers }: Call, input: number): number | undefined {
  const values = integers(input);
  return values?.length === 1 ? values[0] : undefined;
}

/** The pairs of integers of an input [axes, 2], one pair for each axis. */
export function pairs({ integers }: Call, input: number): [number, number][] | undefined {
  const values = integers(input);
  if (!values || values.length % 2 !== 0) return undefined;
  return Array.from({ length: values.length / 2 }, (_, at) => [values[2 * at]!, values[2 * at + 1]!]);
}

/** The bytes of an attribute as text; undefined if the node does not have it. */
export function text({ attr }: NodeDef, key: string): string | undefined {
  const value = attr[key]?.value;
  return value?.case === 's' ? new TextDecoder().decode(value.value) : undefined;
}

/** The axes in an attribute, which may have any of the names `keys`. */
export function axesAttribute(node: NodeDef, ...keys: readonly string[]): readonly number[] {
  return keys.map((key) => integersAttribute(node, key)).find((axes) => axes.length > 0) ?? [];
}
