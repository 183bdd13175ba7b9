import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { inspection } from '../../src/inspect/index.ts';
import type { InputShapes } from '../../src/inspect/input-shapes.ts';
import { onnxModel } from '../../src/inspect/onnx-model.ts';
import { onnx } from '../../src/wire/protos.ts';

type Node = MessageInitShape<typeof onnx.NodeProtoSchema>;
type Graph = MessageInitShape<typeof onnx.GraphProtoSchema>;
type Attribute = MessageInitShape<typeof onnx.AttributeProtoSchema>;
const Type = onnx.TensorProto_DataType;

const floats = (name: string, ...dims: number[]) => ({
  name,
  dims: dims.map(BigInt),
  dataType: Type.FLOAT,
  floatData: new Array<number>(dims.reduce((product, extent) => product * extent, 1)).fill(1),
});
const integers = (name: string, ...values: number[]) => ({
  name,
  dims: [BigInt(values.length)],
  dataType: Type.INT64,
  int64Data: values.map(BigInt),
});
const input = (name: string, ...extents: (number | string)[]) => {
  const dim = extents.map((extent) => ({
    value:
      typeof extent === 'string'
        ? { case: 'dimParam' as const, value: extent }
        : { case: 'dimValue' as const, value: BigInt(extent) },
  }));
  const tensor = { case: 'tensorType' as const, value: { elemType: Type.FLOAT, shape: { dim } } };
  return { name, type: { value: tensor } };
};
const node = (opType: string, inputs: string[], outputs: string[], ...attribute: Attribute[]): Node => ({
  opType,
  input: inputs,
  output: outputs,
  attribute,
});
const int = (name: string, i: number) => ({ name, i: BigInt(i) });
const ints = (name: string, ...values: number[]) => ({ name, ints: values.map(BigInt) });
const body = (name: string, graph: Graph) => ({ name, g: graph });

function inspect(graph: Graph, inputShapes: InputShapes = []) {
  const part = onnxModel(create(onnx.GraphProtoSchema, graph), inputShapes);
  return inspection({ kind: 'ONNX model', path: 'model', files: [], ...part });
}

describe('weights of ONNX', () => {
  test('in the branches of an If, and around it', () => {
    const branch = (weights: string, outputs: number): Graph => ({
      initializer: [floats(weights, 4, outputs)],
      node: [node('MatMul', ['x', weights], ['y'])],
      output: [{ name: 'y' }],
    });
    const { weights, total } = inspect({
      input: [input('x', 'N', 4)],
      initializer: [floats('after', 3, 2)],
      node: [
        node(
          'If',
          ['condition'],
          ['z'],
          body('then_branch', branch('then', 3)),
          body('else_branch', branch('else', 3)),
        ),
        node('MatMul', ['z', 'after'], ['out']),
      ],
    });
    expect(weights.map(({ name, runs, multiplyAdds }) => [name, runs, multiplyAdds?.dense])).toEqual([
      ['then', 'in a branch', 12],
      ['else', 'in a branch', 12],
      ['after', undefined, 6],
    ]);
    expect(total.multiplyAdds).toMatchObject({ dense: 30, inBranch: 2 });
  });

  test('in the body of a Loop, which reads what is around it, count one iteration', () => {
    const { weights, total } = inspect({
      input: [input('x', 1, 4)],
      initializer: [floats('w', 4, 4)],
      node: [
        node(
          'Loop',
          ['count', '', 'x'],
          ['last'],
          body('body', {
            input: [{ name: 'i' }, { name: 'go' }, { name: 'state' }],
            node: [node('MatMul', ['state', 'w'], ['next'])],
            output: [{ name: 'go' }, { name: 'next' }],
          }),
        ),
      ],
    });
    expect(weights).toMatchObject([{ name: 'w', runs: 'per iteration', multiplyAdds: { dense: 16 } }]);
    expect(total.multiplyAdds).toMatchObject({ perIteration: 1 });
  });

  test('in the body of a Scan, which takes slices', () => {
    const { weights } = inspect({
      input: [input('x', 7, 3, 4)],
      initializer: [floats('w', 4, 5)],
      node: [
        node(
          'Scan',
          ['x'],
          ['all'],
          int('num_scan_inputs', 1),
          body('body', {
            input: [{ name: 'slice' }],
            node: [node('MatMul', ['slice', 'w'], ['y'])],
            output: [{ name: 'y' }],
          }),
        ),
      ],
    });
    expect(weights[0]).toMatchObject({ name: 'w', runs: 'per iteration' });
  });

  test.each([
    ['LSTM', 4],
    ['GRU', 3],
    ['RNN', 1],
  ])('of an %s, at every time', (kind, gates) => {
    const { weights } = inspect({
      input: [input('x', 9, 1, 6)],
      initializer: [floats('w', 1, gates * 5, 6), floats('r', 1, gates * 5, 5)],
      node: [node(kind, ['x', 'w', 'r'], ['all', 'last'], int('hidden_size', 5))],
    });
    expect(weights.map(({ name, multiplyAdds }) => [name, multiplyAdds?.dense])).toEqual([
      ['w', 9 * gates * 5 * 6],
      ['r', 9 * gates * 5 * 5],
    ]);
  });

  test('of a shape and one value', () => {
    const value = { name: 'value', t: { dims: [1n], dataType: Type.FLOAT, floatData: [0.5] } };
    const { weights } = inspect({
      input: [input('x', 1, 4)],
      initializer: [integers('shape', 4, 3)],
      node: [node('ConstantOfShape', ['shape'], ['w'], value), node('MatMul', ['x', 'w'], ['y'])],
    });
    expect(weights).toMatchObject([
      { name: 'w', shape: [4, 3], values: 12, nonzero: 12, multiplyAdds: { dense: 12 } },
    ]);
  });

  test('that are turned for each use are one', () => {
    const { weights, total } = inspect({
      input: [input('x', 1, 4)],
      initializer: [floats('w', 4, 4)],
      node: [
        node('Transpose', ['w'], ['turned']),
        node('MatMul', ['x', 'turned'], ['y']),
        node('MatMul', ['y', 'w'], ['z']),
      ],
    });
    expect(weights.map(({ name }) => name)).toEqual(['w']);
    expect(total.multiplyAdds.dense).toBe(32);
  });
});

describe('multiply-adds of ONNX', () => {
  const filter = floats('filter', 8, 3, 3, 3);
  const conv = node('Conv', ['x', 'filter'], ['y'], ints('pads', 1, 1, 1, 1));

  test('of an input whose extents the file leaves open', () => {
    const graph: Graph = { input: [input('x', 'N', 3, 'H', 'W')], initializer: [filter], node: [conv] };
    expect(inspect(graph).total.multiplyAdds).toMatchObject({ dense: 0, unknown: 1 });
    const given = (name?: string) => [{ name, shape: [2, 3, 10, 12] }];
    for (const name of ['x', undefined])
      expect(inspect(graph, given(name)).total.multiplyAdds).toMatchObject({
        dense: 10 * 12 * 216,
        unknown: 0,
      });
    expect(() => inspect(graph, given('y2'))).toThrow('the model has no input y2');
  });

  test.each<[string, Node[], number]>([
    [
      'ConvTranspose',
      [node('ConvTranspose', ['x', 'spread'], ['y'], ints('strides', 2, 2)), node('Conv', ['y', 'w'], ['z'])],
      6 * 8 * 48 + 12 * 16 * 20,
    ],
    ['Resize', [node('Resize', ['x', '', 'scales'], ['y']), node('Conv', ['y', 'v'], ['z'])], 12 * 16 * 15],
    ['Pad', [node('Pad', ['x', 'pads'], ['y']), node('Conv', ['y', 'v'], ['z'])], 8 * 8 * 15],
    [
      'Slice',
      [node('Slice', ['x', 'starts', 'ends', 'axes'], ['y']), node('Conv', ['y', 'v'], ['z'])],
      4 * 8 * 15,
    ],
    [
      'Split',
      [node('Split', ['x'], ['y', 'other'], int('axis', 2)), node('Conv', ['other', 'v'], ['z'])],
      3 * 8 * 15,
    ],
    ['Flatten', [node('Flatten', ['x'], ['y']), node('Gemm', ['y', 'dense'], ['z'])], 144 * 2],
    [
      'a computed Reshape',
      [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'first'], ['batch']),
        node('Concat', ['batch', 'rest'], ['target'], int('axis', 0)),
        node('Reshape', ['x', 'target'], ['y']),
        node('Gemm', ['y', 'dense'], ['z']),
      ],
      144 * 2,
    ],
    [
      'ReduceMean',
      [
        node('ReduceMean', ['x'], ['y'], ints('axes', 2, 3), int('keepdims', 0)),
        node('Gemm', ['y', 'head'], ['z']),
      ],
      3 * 2,
    ],
  ])('behind %s', (_, nodes, expected) => {
    const { total } = inspect({
      input: [input('x', 'N', 3, 6, 8)],
      initializer: [
        ...[floats('spread', 3, 4, 2, 2), floats('w', 5, 4, 1, 1), floats('v', 5, 3, 1, 1)],
        ...[
          floats('dense', 144, 2),
          floats('head', 3, 2),
          { ...floats('scales', 4), floatData: [1, 1, 2, 2] },
        ],
        ...[
          integers('pads', 0, 0, 1, 0, 0, 0, 1, 0),
          integers('starts', 1),
          integers('ends', -1),
          integers('axes', 2),
        ],
        ...[integers('first', 0), integers('rest', -1)],
      ],
      node: nodes,
    });
    expect(total.multiplyAdds).toMatchObject({ dense: expected, unknown: 0 });
  });
});
