import type { Computation, PlannedOperation, Variable } from '../engine/graph-plan.ts';
import { DataType, type NodeDef } from '../wire/protos.ts';
import { type Attributes, floatAttr, intAttr, intListAttr, stringAttr, typeAttr } from './attributes.ts';
import { constant, node, placeholder, withOutputShape } from './node.ts';
import { readName } from './variables.ts';

type Operation = PlannedOperation<Computation | Variable>;
type Extents = readonly [number, number];

const T = { T: typeAttr(DataType.DT_FLOAT) };
const NHWC = { data_format: stringAttr('NHWC') };
const INT32 = typeAttr(DataType.DT_INT32);
const window = ([height, width]: Extents) => intListAttr([1, height, width, 1]);
const IMAGES_RANK = 4;

/**
 * The nodes that TensorFlow writes for an operation of a network's plan, each after those it reads. A variable gives none: see
 * `variableNodes`. The batch stays open, so that the graph takes any number of images.
 *
 * @param operations all operations of the plan
 */
export function operationNodes(operation: Operation, operations: readonly Operation[]): NodeDef[] {
  const { name, shape, compute } = operation;
  const inputs = operation.inputs.map((input) => operations[input]!);
  const names = inputs.map((input) => (isVariable(input) ? readName(input.name) : input.name));
  const shaped = (op: string, attributes: Attributes = T, added: readonly NodeDef[] = []): NodeDef[] => {
    const plain = node(name, op, [...names, ...added.map((each) => each.name)], attributes);
    return [...added, withOutputShape(plain, shape)];
  };
  switch (compute.op) {
    case 'Placeholder':
      return [placeholder(name, DataType.DT_FLOAT, shape)];
    case 'VariableV2':
      return [];
    case 'Add':
      return inputs.some(isVariable) ? addBiases(shaped, shape) : shaped('AddV2');
    case 'Conv2D': {
      const { strides, dilations, padding } = compute;
      const sliding = { strides: window(strides), dilations: window(dilations) };
      return shaped('Conv2D', { ...T, ...NHWC, padding: stringAttr(padding), ...sliding });
    }
    case 'MaxPool': {
      const sliding = { ksize: window(compute.window), strides: window(compute.strides) };
      return shaped('MaxPool', { ...T, ...NHWC, padding: stringAttr(compute.padding), ...sliding });
    }
    case 'LRN':
      return shaped('LRN', {
        ...T,
        depth_radius: intAttr(compute.depthRadius),
        bias: floatAttr(compute.bias),
        alpha: floatAttr(compute.alpha),
        beta: floatAttr(compute.beta),
      });
    case 'ConcatV2': {
      const data = Int32Array.of(compute.axis);
      const axis = constant(`${name}/axis`, { dtype: 'int32', shape: [], data });
      return shaped('ConcatV2', { ...T, N: intAttr(inputs.length), Tidx: INT32 }, [axis]);
    }
    case 'Reshape': {
      const data = Int32Array.from(compute.shape);
      const extents = constant(`${name}/shape`, { dtype: 'int32', shape: [data.length], data });
      return shaped('Reshape', { ...T, Tshape: INT32 }, [extents]);
    }
    case 'MatMul':
    case 'Mul':
    case 'Relu':
      return shaped(compute.op);
    case 'Const':
    case 'Softmax':
      throw new Error(`no network has ${compute.op}`);
  }
}

function addBiases(shaped: (op: string, attributes?: Attributes) => NodeDef[], shape: readonly number[]) {
  return shape.length === IMAGES_RANK ? shaped('BiasAdd', { ...T, ...NHWC }) : shaped('Add');
}

function isVariable({ compute }: Operation): boolean {
  return compute.op === 'VariableV2';
}
