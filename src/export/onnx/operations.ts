import type { Computation, Extents } from '../../engine/graph-plan.ts';
import type { GraphBuilder, Value } from './builder.ts';
import { axisIn } from './layout.ts';
import { padsAround } from './pads.ts';

type Op = Computation['op'];

/** An operation to convert, with its inputs and the graph that it goes into. */
export interface Step {
  readonly builder: GraphBuilder;
  /** The node's name. */
  readonly name: string;
  /** The result's shape, in TensorFlow's order of axes. */
  readonly shape: readonly number[];
  readonly inputs: readonly Value[];
  /** A constant vector that the operation adds to what it computes. */
  readonly biases?: Value | undefined;
}

type Converters = { [O in Op]: (compute: Computation & { op: O }, step: Step) => Value };

/** Adds the ONNX operations that compute what one of TensorFlow's does. */
export function convert(compute: Computation, step: Step): Value {
  // The table's entry for an operation takes that operation.
  const converter = CONVERTERS[compute.op] as (compute: Computation, step: Step) => Value;
  return converter(compute, step);
}

const CONVERTERS: Converters = {
  Placeholder: (_, { builder, name, shape }) => builder.input(name, shape),
  Const: ({ values }, { name, shape }) => ({ name, shape, layout: 'plain', constant: values }),

  Conv2D: ({ strides, dilations, padding }, step) => {
    const { builder, inputs } = step;
    const [images, filter] = inputs as [Value, Value];
    const [rows, columns] = filter.shape as [number, number];
    const window: Extents = [(rows - 1) * dilations[0] + 1, (columns - 1) * dilations[1] + 1];
    return add(
      'Conv',
      [builder.read(images, 'NCHW'), builder.read(filter, 'OIHW'), ...biases(step)],
      'NCHW',
      step,
      {
        kernel_shape: [rows, columns],
        strides,
        dilations,
        pads: padsAround(pixels(images), window, strides, padding),
      },
    );
  },

  MaxPool: ({ window, strides, padding }, step) => {
    const [images] = step.inputs as [Value];
    return add('MaxPool', [step.builder.read(images, 'NCHW')], 'NCHW', step, {
      kernel_shape: window,
      strides,
      pads: padsAround(pixels(images), window, strides, padding),
    });
  },

  LRN: ({ depthRadius, bias, alpha, beta }, step) => {
    // TensorFlow multiplies alpha by the sum of squares, ONNX by the sum divided by `size`.
    const size = 2 * depthRadius + 1;
    return add('LRN', [step.builder.read(step.inputs[0]!, 'NCHW')], 'NCHW', step, {
      size,
      bias: { float: bias },
      alpha: { float: alpha * size },
      beta: { float: beta },
    });
  },

  MatMul: ({ transposeA, transposeB }, step) => {
    const matrices = step.inputs.map((matrix) => step.builder.read(matrix, 'plain'));
    return add('Gemm', [...matrices, ...biases(step)], 'plain', step, {
      transA: Number(transposeA),
      transB: Number(transposeB),
    });
  },

  Reshape: ({ shape }, step) => {
    const extents = step.builder.integers(`${step.name}/shape`, shape);
    return add('Reshape', [step.builder.read(step.inputs[0]!, 'plain'), extents], 'plain', step, {});
  },

  ConcatV2: ({ axis }, step) => {
    const { builder, inputs } = step;
    const layout = inputs.some((value) => value.layout === 'NCHW') ? 'NCHW' : 'plain';
    const tensors = inputs.map((value) => builder.read(value, layout));
    return add('Concat', tensors, layout, step, { axis: axisIn(layout, axis, step.shape.length) });
  },

  Relu: (_, step) => {
    const [values] = step.inputs as [Value];
    return add('Relu', [step.builder.read(values, values.layout)], values.layout, step, {});
  },

  Softmax: (_, step) => {
    const [logits] = step.inputs as [Value];
    const axis = logits.layout === 'NCHW' ? 1 : -1;
    return add('Softmax', [step.builder.read(logits, logits.layout)], logits.layout, step, { axis });
  },

  Add: (_, step) => elementWise('Add', step),
  Mul: (_, step) => elementWise('Mul', step),
};

/** Computes in NCHW if one operand is in that layout and the other one can be; else in TensorFlow's order. */
function elementWise(opType: 'Add' | 'Mul', step: Step): Value {
  const { builder, inputs } = step;
  const images = inputs.some(({ layout }) => layout === 'NCHW');
  const fits = inputs.every(({ shape, constant }) => shape.length === 4 || (constant && shape.length < 4));
  const layout = images && fits ? 'NCHW' : 'plain';
  const operands = inputs.map((value) => builder.read(value, layout));
  return add(opType, operands, layout, step, {});
}

function add(
  opType: string,
  inputs: readonly string[],
  layout: Value['layout'],
  { builder, name, shape }: Step,
  attributes: Parameters<GraphBuilder['add']>[2],
): Value {
  return builder.add(opType, inputs, attributes, { name, shape, layout });
}

function biases({ biases, builder }: Step): string[] {
  return biases ? [builder.read(biases, 'plain')] : [];
}

function pixels({ shape }: Value): Extents {
  return [shape[1]!, shape[2]!];
}
