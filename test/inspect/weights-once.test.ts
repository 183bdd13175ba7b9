import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/index.ts';
import { type Attributes, graphDef, identity, node } from '../../src/graph/index.ts';
import { variablesInGraph } from '../../src/inspect/checkpoint.ts';
import { frozenGraph } from '../../src/inspect/frozen-graph.ts';
import { inspection, loadModel } from '../../src/inspect/index.ts';
import type { Model } from '../../src/inspect/model.ts';
import { AttrValueSchema, DataType, type NodeDef } from '../../src/wire/protos.ts';
import { float32Tensor, type Tensor } from '../../src/wire/tensor.ts';
import { floats, image, integers, op, sliding } from '../runtime/graphs.ts';
import { FLOAT, metaGraphOf, resourceVariable } from '../strip/graphs.ts';
import { funcAttr, functionOf, withFunctions } from './various-graph.ts';

const ones = (count: number) => new Float32Array(count).fill(1);
const judged = (part: Pick<Model, 'weights' | 'tensors' | 'notices'>) =>
  inspection({ kind: 'frozen graph', path: 'model', files: [], ...part });
const inspect = (...nodes: NodeDef[]) => judged(frozenGraph(graphDef(nodes)));

describe('a weight that is used several times', () => {
  test('by two towers, each of which makes its filter ready itself, is one', () => {
    const { weights, total } = inspect(
      image(-1, 10, 2),
      floats('conv/kernel', [3, 2, 4], ones(24)),
      ...['a', 'b'].flatMap((tower) => [
        integers(`${tower}/at`, 1),
        op(`${tower}/images`, 'ExpandDims', ['images', `${tower}/at`]),
        integers(`${tower}/axis`, 0),
        op(`${tower}/conv1d/ExpandDims_1`, 'ExpandDims', ['conv/kernel', `${tower}/axis`]),
        op(
          `${tower}/conv1d`,
          'Conv2D',
          [`${tower}/images`, `${tower}/conv1d/ExpandDims_1`],
          sliding('SAME', 1),
        ),
      ]),
    );
    expect(weights).toMatchObject([{ name: 'conv/kernel', shape: [3, 2, 4], values: 24, bytes: 96 }]);
    expect(total).toMatchObject({ values: 24, multiplyAdds: { dense: 2 * 10 * 24 } });
  });

  test('is masked once, and named after the variable', () => {
    const variables = new Map<string, Tensor>([
      ['fc/weights', float32Tensor([2, 2], Float32Array.of(1, 2, 3, 4))],
      ['fc/mask', float32Tensor([2, 2], Float32Array.of(1, 0, 0, 1))],
    ]);
    const nodes = [
      image(-1, 2),
      ...resourceVariable('fc/weights', [2, 2], 'w'),
      ...resourceVariable('fc/mask', [2, 2], 'm'),
      ...['', '_1'].flatMap((tower) => [
        op(`fc/weights/masked_weight${tower}`, 'Mul', ['w', 'm']),
        op(`product${tower}`, 'MatMul', ['images', `fc/weights/masked_weight${tower}`]),
      ]),
    ];
    const { weights, total } = judged(variablesInGraph(variables, graphDef(nodes)));
    expect(weights).toMatchObject([{ name: 'fc/weights', values: 4, nonzero: 2, bytes: 32 }]);
    expect(total.multiplyAdds).toMatchObject({ dense: 8, effective: 4 });
  });

  test('has parts that are weights of their own where only parts are used', () => {
    const part = (at: number): NodeDef[] => [
      integers(`begin${at}`, 0, at),
      integers(`size${at}`, 2, 1),
      op(`part${at}`, 'Slice', ['kernel', `begin${at}`, `size${at}`]),
      op(`product${at}`, 'MatMul', ['images', `part${at}`]),
    ];
    const { total } = inspect(image(-1, 2), floats('kernel', [2, 3], ones(6)), ...part(0), ...part(2));
    expect(total).toMatchObject({ values: 4, multiplyAdds: { dense: 4 } });
  });
});

describe('weights within functions', () => {
  const dense = functionOf('dense', ['x', 'w'], { y: 'product:product:0' }, [
    op('product', 'MatMul', ['x', 'w']),
  ]);
  const weight = floats('w', [2, 2], ones(4));

  test('that are called are found, each call being a use', () => {
    const call = (name: string, input: string) =>
      node(name, 'StatefulPartitionedCall', [input, 'w'], { f: funcAttr('dense') });
    const { weights, total } = judged(
      frozenGraph(
        withFunctions([image(-1, 2), weight, call('first', 'images'), call('second', 'first')], [dense]),
      ),
    );
    expect(weights).toMatchObject([{ name: 'w', values: 4, multiplyAdds: { dense: 8 } }]);
    expect(total).toMatchObject({
      partial: false,
      multiplyAdds: { unknown: 0, perIteration: 0, inBranch: 0 },
    });
  });

  test('of a loop count one iteration, which is said', () => {
    const body = functionOf('body', ['x', 'w'], { x: 'product:product:0', w: 'w' }, [
      op('product', 'MatMul', ['x', 'w']),
    ]);
    const cond = functionOf('cond', ['x', 'w'], { go: 'x' }, []);
    const loop = node('loop', 'While', ['images', 'w'], { cond: funcAttr('cond'), body: funcAttr('body') });
    const { weights, total } = judged(frozenGraph(withFunctions([image(-1, 2), weight, loop], [body, cond])));
    expect(weights).toMatchObject([{ name: 'w', runs: 'per iteration', multiplyAdds: { dense: 4 } }]);
    expect(total.multiplyAdds).toMatchObject({ dense: 4, perIteration: 1 });
  });

  test('of a loop of TensorFlow 1 likewise', () => {
    const { weights } = inspect(
      image(-1, 2),
      weight,
      op('enter', 'Enter', ['images']),
      op('enter_w', 'Enter', ['w']),
      op('merge', 'Merge', ['enter', 'next']),
      op('product', 'MatMul', ['merge', 'enter_w']),
      op('next', 'NextIteration', ['product']),
      op('exit', 'Exit', ['product']),
      floats('v', [2, 3], ones(6)),
      op('behind', 'MatMul', ['exit', 'v']),
    );
    expect(weights.map(({ name, runs, multiplyAdds }) => [name, runs, multiplyAdds?.dense])).toEqual([
      ['w', 'per iteration', 4],
      ['v', undefined, 6],
    ]);
  });

  test('of a branch of TensorFlow 1 are told as such, also around a loop', () => {
    const { weights } = inspect(
      image(-1, 2),
      weight,
      floats('v', [2, 2], ones(4)),
      floats('u', [2, 3], ones(6)),
      op('condition', 'PlaceholderWithDefault', []),
      op('inside', 'Switch', ['images', 'condition']),
      op('w_inside', 'Switch', ['w', 'condition']),
      op('product', 'MatMul', ['inside:1', 'w_inside:1']),
      op('enter', 'Enter', ['product']),
      op('again', 'Merge', ['enter', 'next']),
      op('stay', 'Switch', ['again', 'condition']),
      op('next', 'NextIteration', ['stay:1']),
      op('exit', 'Exit', ['stay']),
      op('last', 'MatMul', ['exit', 'v']),
      op('either', 'Merge', ['inside', 'last']),
      op('behind', 'MatMul', ['either', 'u']),
    );
    expect(weights.map(({ name, runs, multiplyAdds }) => [name, runs, multiplyAdds?.dense])).toEqual([
      ['w', 'in a branch', 4],
      ['v', 'in a branch', 4],
      ['u', undefined, 6],
    ]);
  });

  test('of branches are all counted, which is said', () => {
    const branch = functionOf('skip', ['x', 'w'], { y: 'x' }, []);
    const choice = node('choice', 'If', ['condition', 'images', 'w'], {
      then_branch: funcAttr('dense'),
      else_branch: funcAttr('skip'),
    });
    const { total } = judged(
      frozenGraph(withFunctions([image(-1, 2), weight, integers('condition', 1), choice], [dense, branch])),
    );
    expect(total.multiplyAdds).toMatchObject({ dense: 4, inBranch: 1 });
  });

  test('that call themselves are left, which is said', () => {
    const endless = functionOf('f', ['x'], { y: 'call:output:0' }, [
      node('call', 'PartitionedCall', ['x'], { f: funcAttr('f') }),
      node('twice', 'PartitionedCall', ['x'], { f: funcAttr('f') }),
    ]);
    const call = node('call', 'PartitionedCall', ['images'], { f: funcAttr('f') });
    const { total, notices } = judged(frozenGraph(withFunctions([image(-1, 2), call], [endless])));
    expect(total.partial).toBe(true);
    expect(notices).toEqual([
      expect.stringMatching(/^what [\d]+ calls of functions compute is not counted$/),
    ]);
  });
});

describe('what training keeps is no weight', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'inspect-slots-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const matrix = float32Tensor([2, 2], ones(4));

  test.each([
    'fc/weights/Adam',
    'fc/weights/Adam_1',
    'fc/weights/Momentum',
    'fc/weights/RMSProp_1',
    'fc/weights/Adagrad',
    'fc/weights/ExponentialMovingAverage',
    'layer-0/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE',
    'optimizer/_variables/3/.ATTRIBUTES/VARIABLE_VALUE',
    'keras_api/metrics/0/total/.ATTRIBUTES/VARIABLE_VALUE',
    'Adam/fc/kernel/v',
    'training/RMSprop/fc/kernel/rms',
  ])('%s', async (slot) => {
    const dir = join(folder, slot.replaceAll('/', '-'));
    const variables = new Map([...['fc/weights', slot].map((name) => [name, matrix] as const)].toSorted());
    await saveCheckpoint({ dir, step: 1, variables, metaGraph: metaGraphOf([image(-1, 2)]), keep: 1 });
    const { weights, tensors } = inspection(await loadModel(dir));
    expect(weights.map(({ name }) => name)).toEqual(['fc/weights']);
    expect(tensors.map(({ name }) => name)).toEqual([slot]);
  });

  test('and a variable is found by the name under which the graph restores it', () => {
    const key = 'layer-0/kernel/.ATTRIBUTES/VARIABLE_VALUE';
    const slot = 'optimizer/_variables/0/.ATTRIBUTES/VARIABLE_VALUE';
    const names = node('names', 'Const', [], stringsAttributes([slot, key]));
    const nodes = [
      image(-1, 2),
      ...resourceVariable('dense/kernel', [2, 2], 'read'),
      ...resourceVariable('adam/m', [2, 2], 'read_m'),
      op('product', 'MatMul', ['images', 'read']),
      names,
      node('restore', 'RestoreV2', ['prefix', 'names', 'slices']),
      ...['adam/m', 'dense/kernel'].flatMap((variable, index) => [
        identity(`value${index}`, index === 0 ? 'restore' : `restore:${index}`, DataType.DT_FLOAT),
        node(`assign${index}`, 'AssignVariableOp', [variable, `value${index}`], { dtype: FLOAT }),
      ]),
    ];
    const values = new Map<string, Tensor>([
      [key, matrix],
      [slot, matrix],
    ]);
    const { weights, tensors } = judged(variablesInGraph(values, graphDef(nodes)));
    expect(weights.map(({ name }) => name)).toEqual(['dense/kernel']);
    expect(tensors.map(({ name }) => name)).toEqual([slot]);
  });
});

function stringsAttributes(texts: readonly string[]): Attributes {
  const value = {
    dtype: DataType.DT_STRING,
    tensorShape: { dim: [{ size: BigInt(texts.length) }] },
    stringVal: texts.map((text) => new TextEncoder().encode(text)),
  };
  return { value: create(AttrValueSchema, { value: { case: 'tensor', value } } as never) };
}
