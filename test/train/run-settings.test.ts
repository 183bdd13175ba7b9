import { expect, test } from 'vitest';
import { CIFAR10 } from '../../src/tasks/cifar10.ts';
import {
  continuedSettings,
  formatSettings,
  newSettings,
  parseSettings,
} from '../../src/train/run-settings.ts';

const { task, ...OLDER } = newSettings(CIFAR10, { seed: 4, dataset: 'synthetic' });

test('a new run has the defaults of its task', () => {
  expect(newSettings(CIFAR10, {})).toMatchObject({ task: 'cifar10', dataset: 'cifar10', batch_size: 128 });
});

test('settings without a task are those of cifar10, and are written with it', () => {
  const read = parseSettings(JSON.stringify(OLDER))!;
  expect(read).toEqual({ task, ...OLDER });
  const continued = continuedSettings(CIFAR10, read, {}, false);
  expect(formatSettings(continued)).toBe(formatSettings({ task, ...OLDER }));
  expect(JSON.parse(formatSettings(continued)).task).toBe('cifar10');
});

test.each([
  ['no object', 'null'],
  ['a task that is no text', JSON.stringify({ ...OLDER, task: 7 })],
  ['no dataset', JSON.stringify({ ...OLDER, dataset: undefined })],
])('%s is no run.json', (_, text) => {
  expect(parseSettings(text)).toBeUndefined();
});
