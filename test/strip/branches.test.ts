import { describe, expect, it } from 'vitest';
import { constant, identity, node, typeAttr } from '../../src/graph/index.ts';
import { strippedGraph } from '../../src/strip/index.ts';
import { DataType, type GraphDef, type NodeDef } from '../../src/wire/protos.ts';
import { float32Scalar, type Tensor } from '../../src/wire/tensor.ts';
import { constantValue, FLOAT, images, mask, metaGraphOf, refVariable, weights } from './graphs.ts';

const T = { T: FLOAT };
const saved = new Map<string, Tensor>([
  ['w', weights],
  ['mask', mask],
]);
const condition = (name: string) => node(name, 'Placeholder', [], { dtype: typeAttr(DataType.DT_BOOL) });
const inside = (name: string, value: number, after: string) =>
  node(name, 'Const', [`^${after}`], constant(name, float32Scalar(value)).attr);

/** A layer in the branch that is taken in training, as tf.cond builds it of nodes. @param product the last gives its matrix */
function stripped(...product: NodeDef[]) {
  const meta = metaGraphOf([
    images,
    condition('training'),
    ...refVariable('w', [3, 2]),
    ...refVariable('mask', [3, 2]),
    node('mask_in', 'Switch', ['mask/read', 'training'], T),
    node('w_in', 'Switch', ['w/read', 'training'], T),
    node('images_in', 'Switch', ['images', 'training'], T),
    identity('mask_inside', 'mask_in:1', DataType.DT_FLOAT),
    ...product,
    node('result', 'MatMul', ['images_in:1', product.at(-1)!.name], T),
    inside('zero', 0, 'images_in'),
    node('y', 'Merge', ['zero', 'result'], T),
  ]);
  return strippedGraph(meta, saved, { outputNodeNames: ['y'] });
}
const described = (graph: GraphDef) =>
  graph.node.map(({ name, op, input }) => [name, op, ...input].join(' '));

describe('masked weights in a branch are a constant outside, which is let in as its factors were', () => {
  it.each([
    ['layer/masked_weight', 'layer/Switch'],
    ['product', 'Switch'],
  ])('%s', (name, entrance) => {
    const { graph, report } = stripped(node(name, 'Mul', ['mask_inside', 'w_in:1'], T));
    expect(described(graph)).toEqual([
      'images Placeholder',
      'training Placeholder',
      'images_in Switch images training',
      `${name} Const`,
      `${entrance} Switch ${name} training`,
      `result MatMul images_in:1 ${entrance}:1`,
      'zero Const ^images_in',
      'y Merge zero result',
    ]);
    expect([...constantValue(graph, name).data]).toEqual([1, 0, 0, 0, 5, -6]);
    expect(report.warnings).toEqual([]);
  });

  it('with a factor that is made in the branch', () => {
    const { graph } = stripped(
      node('masked', 'Mul', ['mask_inside', 'w_in:1'], T),
      inside('two', 2, 'mask_inside'),
      node('product', 'Mul', ['masked', 'two', '^mask_inside'], T),
    );
    expect(described(graph)).toContain('Switch Switch product training');
    expect([...constantValue(graph, 'product').data]).toEqual([2, 0, 0, 0, 10, -12]);
  });

  it('through the outer branch into the inner', () => {
    const { graph } = stripped(
      condition('sparse'),
      node('w_deep', 'Switch', ['w_in:1', 'sparse'], T),
      node('mask_deep', 'Switch', ['mask_inside', 'sparse'], T),
      node('product', 'Mul', ['mask_deep', 'w_deep'], T),
    );
    expect(described(graph)).toEqual(
      expect.arrayContaining([
        'Switch Switch product training',
        'Switch_1 Switch Switch:1 sparse',
        'result MatMul images_in:1 Switch_1',
      ]),
    );
  });

  it('and what comes after them alone comes after that', () => {
    const { graph } = stripped(
      node('product', 'Mul', ['mask_inside', 'w_in:1'], T),
      inside('scale', 2, 'product'),
      identity('chosen', 'product', DataType.DT_FLOAT),
      node('squashed', 'Tanh', ['chosen'], T),
      node('scaled', 'Mul', ['squashed', 'scale'], T),
    );
    expect(described(graph)).toEqual(
      expect.arrayContaining([
        'scale Const ^Switch',
        'chosen Identity Switch:1',
        'scaled Mul squashed scale',
      ]),
    );
  });
});
