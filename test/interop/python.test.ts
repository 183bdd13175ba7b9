import { expect, test } from 'vitest';
import { runPython } from './python.ts';

test('scripts run with the pinned TensorFlow and TensorBoard and see their arguments', async () => {
  const report = JSON.parse(await runPython('versions.py', ['report', 'two words']));
  expect(report).toEqual({ tensorflow: '2.21.0', tensorboard: '2.21.0', arguments: ['two words'] });
});

test("a failing script is an error that ends with the script's own last words", async () => {
  await expect(runPython('versions.py', ['fail'])).rejects.toThrow(
    /^versions\.py failed: (.|\n)*ValueError: on purpose$/,
  );
});
