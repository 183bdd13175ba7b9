import { expect, it } from 'vitest';
import {
  type Attributes,
  graphDef,
  identity,
  node,
  placeholder,
  shapeListAttr,
  typeAttr,
  typeListAttr,
} from '../../src/graph/index.ts';
import { cutInput } from '../../src/strip/cut-input.ts';
import { declaredShape } from '../../src/tensorflow/attributes.ts';
import { DataType, type NodeDef } from '../../src/wire/protos.ts';
import { FLOAT, find } from './graphs.ts';

const { DT_FLOAT, DT_HALF, DT_INT32, DT_STRING } = DataType;
const [HALF, INT] = [typeAttr(DT_HALF), typeAttr(DT_INT32)];

/** Type and shape of the placeholder in the place of `output` of the last node. */
function placeholderOf(nodes: readonly NodeDef[], output = 0) {
  const { name } = nodes.at(-1)!;
  const reader = identity('reader', `${name}:${output}`, DT_FLOAT);
  const { graph } = cutInput(graphDef([...nodes, reader]), [name]);
  const made = find(graph, find(graph, 'reader').input[0]!);
  const type = made.attr.dtype?.value;
  return { op: made.op, type: type?.case === 'type' ? type.value : undefined, shape: declaredShape(made) };
}

it.each<[op: string, attr: Attributes, type: DataType]>([
  ['QueueDequeueV2', { component_types: typeListAttr([DT_STRING, DT_HALF]) }, DT_HALF],
  ['IteratorGetNext', { output_types: typeListAttr([DT_STRING, DT_HALF]) }, DT_HALF],
  ['Unstage', { dtypes: typeListAttr([DT_STRING, DT_HALF]) }, DT_HALF],
  ['PyFunc', { Tin: typeListAttr([DT_INT32]), Tout: typeListAttr([DT_STRING, DT_HALF]) }, DT_HALF],
  ['Cast', { SrcT: INT, DstT: HALF }, DT_HALF],
  ['DecodeRaw', { out_type: HALF }, DT_HALF],
  ['RandomUniform', { T: INT, dtype: HALF }, DT_HALF],
  ['Conv2D', { T: HALF }, DT_HALF],
])('an input that is a %s has the type of what that gives', (op, attr, type) => {
  expect(placeholderOf([node('x', op, [], attr)], 1)).toMatchObject({ op: 'Placeholder', type });
});

it('an input that says no type is refused', () => {
  expect(() => placeholderOf([node('x', 'Strange', [])])).toThrow(
    expect.objectContaining({
      code: 'argument',
      message: 'node x (Strange) does not say what type output 0 has, so it cannot be an input',
      hint: expect.stringContaining('--input_node_names'),
    }),
  );
});

const types = { component_types: typeListAttr([DT_FLOAT, DT_FLOAT]) };
const queue = node('queue', 'FIFOQueueV2', [], {
  ...types,
  shapes: shapeListAttr([
    [8, 8, 3],
    [8, 4],
  ]),
});

it.each<[what: string, nodes: NodeDef[], shape: number[] | undefined]>([
  ['many elements', [queue, node('x', 'QueueDequeueManyV2', ['queue'], types)], [-1, 8, 4]],
  ['up to so many elements', [queue, node('x', 'QueueDequeueUpToV2', ['queue'], types)], [-1, 8, 4]],
  ['an element, which is a batch', [queue, node('x', 'QueueDequeueV2', ['queue'], types)], [-1, 4]],
  ['an element by the older name', [queue, node('x', 'QueueDequeue', ['queue'], types)], [-1, 4]],
  ['an element of no queue', [node('x', 'QueueDequeueV2', [], types)], undefined],
  ['what reads a queue otherwise', [queue, node('x', 'Strange', ['queue'], types)], undefined],
  [
    'what notes its shape itself',
    [
      queue,
      node('x', 'QueueDequeueManyV2', ['queue'], { ...types, _output_shapes: shapeListAttr([[], [6, 5]]) }),
    ],
    [-1, 5],
  ],
  ['a scalar', [node('x', 'Strange', [], { ...types, _output_shapes: shapeListAttr([[2], []]) })], undefined],
])('an input that takes %s has its shape, the number of images open', (_, nodes, shape) => {
  expect(placeholderOf(nodes, 1)).toEqual({ op: 'Placeholder', type: DT_FLOAT, shape });
});

it('a placeholder that is named as input stays as it is', () => {
  const images = placeholder('images', DT_FLOAT, [4, 3]);
  const { graph } = cutInput(graphDef([images]), ['images']);
  expect(find(graph, 'images')).toEqual(images);
});

it('what comes after a cut node comes after its placeholder, even where nothing else reads that', () => {
  const { graph } = cutInput(
    graphDef([
      node('batch_1', 'Const', [], { dtype: FLOAT }),
      node('batch', 'IteratorGetNext', [], { output_types: typeListAttr([DT_INT32, DT_FLOAT]) }),
      node('y', 'Identity', ['batch:1', '^batch'], { T: FLOAT }),
    ]),
    [],
  );
  expect(graph.node.map(({ name, op, input }) => [name, op, ...input])).toEqual([
    ['batch_1', 'Const'],
    ['batch', 'Placeholder'],
    ['batch_1_1', 'Placeholder'],
    ['y', 'Identity', 'batch_1_1', '^batch'],
  ]);
});
