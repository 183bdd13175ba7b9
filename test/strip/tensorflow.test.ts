import { toBinary } from '@bufbuild/protobuf';
import { describe, expect, it, test } from 'vitest';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { type StripOptions, stripCheckpoint } from '../../src/strip/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { constantValue, find, names } from './graphs.ts';
import { trainingFolder } from './training-folder.ts';

async function stripFolder(name: string, options: Partial<StripOptions> = {}) {
  const { dir, expected } = await trainingFolder(name);
  const { outputNodeNames, inputNodeNames } = expected;
  return {
    expected,
    ...(await stripCheckpoint({ checkpointDir: dir, outputNodeNames, inputNodeNames, ...options })),
  };
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]) {
  expect(actual).toHaveLength(expected.length);
  const differences = expected.map((value, index) => Math.abs(value - actual[index]!));
  expect(Math.max(...differences)).toBeLessThan(1e-5);
}

describe.each(['queues', 'dataset', 'partitioned'])("TensorFlow's training folder %s", (name) => {
  it.each([false, true])('gives its logits once stripped, averages %s', async (movingAverage) => {
    const { graph, expected } = await stripFolder(name, { movingAverage });
    const model = await loadFrozenModel(toBinary(GraphDefSchema, graph));
    const [images] = Object.values(expected.inputs);
    const logits = await model.run(Float32Array.from(images!.values));
    expectClose(logits, (movingAverage ? expected.averagedOutput : expected.output)!);
    const one = await model.run(Float32Array.from(images!.values.slice(0, 8 * 8 * 3)));
    expectClose(one, Array.from(logits.slice(0, one.length)));
    await model.dispose();
  });

  it('keeps the network alone, its masked weights as TensorFlow multiplies them', async () => {
    const { graph, report, expected } = await stripFolder(name);
    expect(report.inputs).toEqual([{ name: Object.keys(expected.inputs)[0], shape: [-1, 8, 8, 3] }]);
    expect(names(graph).filter((node) => /mask(?!ed_weight)|thresh|save|Summ|cond|Aver/.test(node))).toEqual(
      [],
    );
    expect(graph.library).toBeUndefined();
    expect(report.tensors).toHaveLength(5);
    for (const [node, values] of Object.entries(expected.maskedWeights))
      expectClose(constantValue(graph, node).data as Float32Array, values);
  });
});

test.each(['loop', 'loop-resource'])('%s keeps its loop, which reads the folded matrix', async (name) => {
  const { graph, report, expected } = await stripFolder(name);
  const ops = new Set(graph.node.map(({ op }) => op));
  expect([...ops]).toEqual(expect.arrayContaining(['Enter', 'Merge', 'Switch', 'NextIteration', 'Exit']));
  expect([...ops].filter((op) => /Var|Assign|Ref|Queue|Resource|Stack(Push|Pop)/.test(op))).toEqual([]);
  expect(names(graph).filter((node) => /mask(?!ed_weight)|kernel\/read|gradients/.test(node))).toEqual([]);
  const kernel = 'model/rnn/while/basic_lstm_cell/kernel';
  expect(report.tensors[0]).toMatchObject({ name: `${kernel}/masked_weight`, values: 72, zeros: 36 });
  expect(find(graph, `${kernel}/Enter`)).toMatchObject({ op: 'Enter', input: [`${kernel}/masked_weight`] });
  expect(find(graph, 'model/rnn/while/basic_lstm_cell/MatMul').input[1]).toBe(`${kernel}/Enter`);
  for (const [node, values] of Object.entries(expected.maskedWeights))
    expectClose(constantValue(graph, node).data as Float32Array, values);
});

test('an input that the outputs do not need, or not alone, is refused', async () => {
  await expect(stripFolder('queues', { inputNodeNames: ['total_loss'] })).rejects.toMatchObject({
    code: 'argument',
    message: '--input_node_names: the outputs do not need node total_loss',
    hint: expect.stringContaining('data_augmentation/shuffle_batch (QueueDequeueManyV2)'),
  });
  const outputNodeNames = ['cross_entropy'];
  await expect(stripFolder('queues', { outputNodeNames, inputNodeNames: ['conv1/Conv2D'] })).rejects.toThrow(
    'the outputs also need node data_augmentation/shuffle_batch (QueueDequeueManyV2)',
  );
});
