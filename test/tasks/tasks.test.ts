import { expect, test } from 'vitest';
import { trainingGraph } from '../../src/graph/index.ts';
import { DATASETS, DEFAULT_TASK, TASKS, taskNamed } from '../../src/tasks/index.ts';

test('tasks and datasets are known by their names', () => {
  expect(new Set(TASKS.map(({ name }) => name)).size).toBe(TASKS.length);
  expect(new Set(DATASETS.map(({ name }) => name)).size).toBe(DATASETS.length);
  for (const task of TASKS) expect(taskNamed(task.name, 'here')).toBe(task);
  expect(DEFAULT_TASK.name).toBe('cifar10');
});

test('an unknown name is refused in a line that says the known ones', () => {
  expect(() => taskNamed('mnist', 'the run in a')).toThrow(
    expect.objectContaining({
      code: 'argument',
      message: 'the run in a names the task mnist, which this version does not know; it knows cifar10',
      hint: 'Use the version of cifar10-prune that began the run.',
    }),
  );
});

test.each(TASKS.map((task) => [task.name, task] as const))(
  '%s: pictures, classes and the name of the output fit the network',
  (_, { network, datasets, outputName }) => {
    const [height, width, channels] = network.input;
    for (const { format, classNames } of datasets) {
      expect(format).toMatchObject({ channels, classes: network.classes });
      expect(format.height).toBeGreaterThanOrEqual(height);
      expect(format.width).toBeGreaterThanOrEqual(width);
      expect(classNames).toHaveLength(network.classes);
    }
    const { node } = trainingGraph(network, 'p');
    const logits = node.find(({ name }) => name === outputName)!;
    const loss = node.find(({ op }) => op === 'SparseSoftmaxCrossEntropyWithLogits')!;
    expect(loss.input[0]).toBe(logits.name);
  },
);
