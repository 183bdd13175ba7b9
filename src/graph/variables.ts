import {
  averageName,
  CROSS_ENTROPY_AVERAGE,
  GLOBAL_STEP,
  lastMaskUpdateStepName,
  maskName,
  TOTAL_LOSS_AVERAGE,
  thresholdName,
  weightLossAverageName,
  weightsName,
} from '../model/names.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import { type Initializer, trainableVariables } from '../model/variables.ts';
import { DataType, type NodeDef } from '../wire/protos.ts';
import { type Dtype, dataType, float32Scalar, type Tensor } from '../wire/tensor.ts';
import { boolAttr, shapeAttr, stringAttr, stringListAttr, typeAttr } from './attributes.ts';
import { constant, node, withOutputShape } from './node.ts';

/** A variable of the training graph, and so of its checkpoints. */
export interface GraphVariable {
  readonly name: string;
  readonly dtype: Extract<Dtype, 'float32' | 'int32' | 'int64'>;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  readonly initializer: Initializer | { readonly kind: 'value_of'; readonly variable: string };
}

/** The name of the node that reads a variable. */
export const readName = (variable: string) => `${variable}/read`;
export const assignName = (variable: string) => `${variable}/Assign`;

/** The name of the node that computes a variable's initial value. */
export function initialValueName({ name, initializer }: GraphVariable): string {
  switch (initializer.kind) {
    case 'truncated_normal':
      return `${name}/Initializer/truncated_normal`;
    case 'constant':
      return `${name}/Initializer/Const`;
    case 'value_of':
      return `${initializer.variable}/Initializer/truncated_normal`;
  }
}

/** All variables of the training graph: for the CIFAR-10 network the 39 variables of TensorFlow's pruning example. */
export function graphVariables(network: Network, pruningName: string): GraphVariable[] {
  const trainables = trainableVariables(network);
  const layers = weightedLayers(network);
  const zero = (name: string, dtype: GraphVariable['dtype'] = 'float32'): GraphVariable => ({
    name,
    dtype,
    shape: [],
    trainable: false,
    initializer: { kind: 'constant', value: 0 },
  });
  const shapeOf = new Map(trainables.map(({ name, shape }) => [name, shape]));
  return [
    zero(GLOBAL_STEP, 'int64'),
    ...trainables.map(
      ({ name, shape, initializer }): GraphVariable => ({
        name,
        dtype: 'float32',
        shape,
        trainable: true,
        initializer,
      }),
    ),
    ...layers.flatMap(({ name }): GraphVariable[] => [
      {
        name: maskName(name),
        dtype: 'float32',
        shape: shapeOf.get(weightsName(name))!,
        trainable: false,
        initializer: { kind: 'constant', value: 1 },
      },
      zero(thresholdName(name)),
    ]),
    zero(lastMaskUpdateStepName(pruningName), 'int32'),
    ...layers.map(({ name }) => zero(weightLossAverageName(name))),
    zero(CROSS_ENTROPY_AVERAGE),
    zero(TOTAL_LOSS_AVERAGE),
    ...trainables.map(
      ({ name, shape, initializer }): GraphVariable => ({
        name: averageName(name),
        dtype: 'float32',
        shape,
        trainable: false,
        initializer: initializer.kind === 'constant' ? initializer : { kind: 'value_of', variable: name },
      }),
    ),
  ];
}

/** The nodes of a variable: its initial value, the reference variable (VariableV2), the initial assignment, and the read. */
export function variableNodes(variable: GraphVariable): NodeDef[] {
  const { name, dtype, shape } = variable;
  const type = typeAttr(dataType(dtype));
  const beside = { _class: stringListAttr([`loc:@${name}`]) };
  const attributes = {
    dtype: type,
    shape: shapeAttr(shape),
    container: stringAttr(''),
    shared_name: stringAttr(''),
  };
  const assign = { T: type, use_locking: boolAttr(true), validate_shape: boolAttr(true), ...beside };
  return [
    ...initialValueNodes(variable),
    withOutputShape(node(name, 'VariableV2', [], attributes), shape),
    node(assignName(name), 'Assign', [name, initialValueName(variable)], assign),
    withOutputShape(node(readName(name), 'Identity', [name], { T: type, ...beside }), shape),
  ];
}

function initialValueNodes(variable: GraphVariable): NodeDef[] {
  const { dtype, shape, initializer } = variable;
  const output = initialValueName(variable);
  switch (initializer.kind) {
    case 'value_of':
      return [];
    case 'constant':
      return filled(output, shape, scalar(dtype, initializer.value));
    case 'truncated_normal':
      return truncatedNormal(output, shape, initializer.stddev);
  }
}

function scalar(dtype: GraphVariable['dtype'], value: number): Tensor {
  if (dtype === 'int64') return { dtype, shape: [], data: BigInt64Array.of(BigInt(value)) };
  return dtype === 'int32' ? { dtype, shape: [], data: Int32Array.of(value) } : float32Scalar(value);
}

function filled(output: string, shape: readonly number[], value: Tensor): NodeDef[] {
  if (shape.length === 0) return [constant(output, value)];
  const [shapeName, valueName] = [`${output}/shape`, `${output}/value`];
  const attributes = { T: typeAttr(dataType(value.dtype)), index_type: typeAttr(DataType.DT_INT32) };
  return [
    shapeConstant(shapeName, shape),
    constant(valueName, value),
    node(output, 'Fill', [shapeName, valueName], attributes),
  ];
}

function truncatedNormal(output: string, shape: readonly number[], stddev: number): NodeDef[] {
  const float = typeAttr(DataType.DT_FLOAT);
  const [shapeName, stddevName] = [`${output}/shape`, `${output}/stddev`];
  const sample = node(`${output}/TruncatedNormal`, 'TruncatedNormal', [shapeName], {
    dtype: float,
    T: typeAttr(DataType.DT_INT32),
  });
  return [
    shapeConstant(shapeName, shape),
    constant(stddevName, float32Scalar(stddev)),
    sample,
    node(output, 'Mul', [sample.name, stddevName], { T: float }),
  ];
}

function shapeConstant(name: string, shape: readonly number[]): NodeDef {
  return constant(name, { dtype: 'int32', shape: [shape.length], data: Int32Array.from(shape) });
}
