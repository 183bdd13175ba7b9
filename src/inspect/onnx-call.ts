import { hasOnnxAttribute, onnxIntegers } from '../formats/onnx/attributes.ts';
import type { onnx } from '../wire/protos.ts';
import type { PartialShape } from './shapes/partial-shape.ts';

/** A few integers with their shape, such as an extent or a list of axes. */
export interface SmallTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** An ONNX node and what is known of its inputs. */
export interface OnnxCall {
  readonly node: onnx.NodeProto;
  readonly inputs: readonly (PartialShape | undefined)[];
  /** The integers of an input; undefined if they are unknown or too many. */
  small(input: number): SmallTensor | undefined;
}

export function integersIn({ small }: OnnxCall, input: number): readonly number[] | undefined {
  return small(input)?.values;
}

/** A list that is an attribute in older opsets and an input in newer ones; `otherwise` if the node has neither. */
export function listOf(
  call: OnnxCall,
  key: string,
  input: number,
  otherwise?: readonly number[],
): readonly number[] | undefined {
  if (hasOnnxAttribute(call.node, key)) return onnxIntegers(call.node, key);
  return call.node.input[input] ? integersIn(call, input) : otherwise;
}
