import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { OPERATIONS } from '../../src/runtime/operations.ts';
import { runPython } from './python.ts';

it("computes what TensorFlow does of every operation in TensorFlow's own file", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'runtime-'));
  const read = async (file: string) =>
    new Float32Array(new Uint8Array(await readFile(join(folder, file))).buffer);
  const operations = (await runPython('runtime.py', [folder])).trim().split(' ');
  expect(operations).toEqual(
    [...Object.keys(OPERATIONS), 'ConcatV2', 'Const', 'Identity', 'Placeholder', 'Reshape'].sort(),
  );

  const model = await loadFrozenModel(join(folder, 'model.pb'));
  expect(model.inputShape).toEqual([9, 8, 3]);
  expect(model.outputNames).toEqual(['probabilities']);
  const theirs = await read('probabilities');
  const ours = await model.run(await read('images'));
  expect(ours.length).toBe(theirs.length);
  theirs.forEach((probability, i) => {
    expect(Math.abs(ours[i]! - probability)).toBeLessThan(1e-5);
  });
  await model.dispose();
  await rm(folder, { recursive: true });
});
