import { describe, expect, it } from 'vitest';
import { constant, identity, node, shapeAttr } from '../../src/graph/index.ts';
import { strippedGraph } from '../../src/strip/index.ts';
import { DataType, type NodeDef } from '../../src/wire/protos.ts';
import { float32Tensor } from '../../src/wire/tensor.ts';
import { FLOAT, find, images, metaGraphOf, refLayer, values } from './graphs.ts';

const T = { T: FLOAT };

/** The layer with some nodes replaced or added. */
function damaged(...changed: NodeDef[]) {
  const nodes = new Map([images, ...refLayer('images'), ...changed].map((each) => [each.name, each]));
  return metaGraphOf([...nodes.values()], ['fc/weights/masked_weight:0']);
}

function refusal(...changed: NodeDef[]): { code?: string; message: string } {
  try {
    strippedGraph(damaged(...changed), values, { outputNodeNames: ['fc/fc_2'] });
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('no error was thrown');
}

describe('a graph that cannot be frozen is refused, with the node', () => {
  it('that is part of a circle', () => {
    const { code, message } = refusal(
      node('fc/weights/masked_weight', 'Mul', ['round', 'fc/weights/read'], T),
      identity('round', 'fc/weights/masked_weight', DataType.DT_FLOAT),
    );
    expect(code).toBe('graph');
    expect(message).toMatch(/circle.*(round|masked_weight)/);
  });

  it('that reads itself', () => {
    const { code, message } = refusal(
      node('fc/MatMul', 'MatMul', ['fc/MatMul', 'fc/weights/masked_weight'], T),
    );
    expect(code).toBe('graph');
    expect(message).toContain('fc/MatMul');
  });

  it('that reads one which is not there', () => {
    const { code, message } = refusal(node('fc/MatMul', 'MatMul', ['images', 'gone'], T));
    expect(code).toBe('graph');
    expect(message).toMatch(/fc\/MatMul.*gone/);
  });

  it('that has lost its inputs', () => {
    const { code, message } = refusal(node('fc/MatMul', 'MatMul', [], T));
    expect(code).toBe('graph');
    expect(message).toBe('node fc/MatMul (MatMul) has 0 inputs, expected 2');
  });

  it('that multiplies shapes that do not fit', () => {
    const { code, message } = refusal(
      constant('odd', float32Tensor([5], new Float32Array(5))),
      node('fc/weights/masked_weight', 'Mul', ['odd', 'fc/weights/read'], T),
    );
    expect(code).toBe('graph');
    expect(message).toMatch(/fc\/weights\/masked_weight.*\[5\].*\[3, ?2\]/);
  });

  it('that claims 2^40 values', () => {
    const huge = constant('huge', float32Tensor([], Float32Array.of(1)));
    const value = huge.attr.value!.value as { value: { tensorShape?: object } };
    const claim = shapeAttr([2 ** 20, 2 ** 20]).value as { value: object };
    value.value.tensorShape = claim.value;
    const { code, message } = refusal(
      huge,
      node('fc/weights/masked_weight', 'Mul', ['huge', 'fc/weights/read'], T),
    );
    expect(code).toBe('graph');
    expect(message).toMatch(/huge.*1048576, ?1048576/);
  });

  it('whose masked weight is computed by an operation that folding does not know', () => {
    const { code, message } = refusal(node('fc/weights/masked_weight', 'Tanh', ['fc/weights/read'], T));
    expect(code).toBe('graph');
    expect(message).toMatch(/fc\/weights\/masked_weight \(Tanh\)/);
  });
});

it('a loop outside masked weights is no circle', () => {
  const nodes = [
    images,
    ...refLayer('merge'),
    node('enter', 'Enter', ['images'], T),
    node('merge', 'Merge', ['enter', 'next'], { ...T }),
    node('next', 'NextIteration', ['fc/fc_2'], T),
  ];
  const { graph } = strippedGraph(metaGraphOf(nodes, ['fc/weights/masked_weight:0']), values, {
    outputNodeNames: ['fc/fc_2'],
  });
  expect(find(graph, 'next').op).toBe('NextIteration');
});
