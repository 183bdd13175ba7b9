import { hasOnnxAttribute, onnxIntegers } from '../formats/onnx/attributes.ts';
import type { onnx } from '../wire/protos.ts';
import type { PartialShape } from './shapes/partial-shape.ts';

/** Few integers with their shape, such as an extent or a list of axes. */
export interface SmallTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A node of ONNX and what is known of its inputs. */
export interface OnnxCall {
  readonly node: onnx.NodeProto;
  readonly inputs: readonly (PartialShape | undefined)[];
  /** Undefined where it is not known, or not small. */
  small(input: number): SmallTensor | undefined;
}

export function integersIn({ small }: OnnxCall, input: number): readonly number[] | undefined {
  return small(input)?.values;
}

/** A list that older opsets have as an attribute and newer ones as an input; `otherwise` where there is neither. */
export function listOf(
  call: OnnxCall,
  key: string,
  input: number,
  otherwise?: readonly number[],
): readonly number[] | undefined {
  if (hasOnnxAttribute(call.node, key)) return onnxIntegers(call.node, key);
  return call.node.input[input] ? integersIn(call, input) : otherwise;
}
