import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  encodeBundle,
  existingCheckpoint,
  openCheckpoint,
  readMetaGraph,
} from '../../src/checkpoint/index.ts';
import type { Tensor } from '../../src/wire/tensor.ts';
import expected from '../fixtures/checkpoint/expected.json' with { type: 'json' };

const fixtures = join(import.meta.dirname, '../fixtures/checkpoint');
const openFixture = async (folder: string) =>
  openCheckpoint(await existingCheckpoint(join(fixtures, folder)));
const plainly = ({ shape, data }: Tensor) => ({ shape, values: Array.from(data, Number) });

describe.each(Object.entries(expected))("TensorFlow's checkpoint %s", (folder, variables) => {
  test('names its variables', async () => {
    const checkpoint = await openFixture(folder);
    expect(checkpoint.step).toBe(3);
    expect(checkpoint.names).toEqual(Object.keys(variables).sort());
  });

  test.each(Object.entries(variables))('gives the values of %s', async (name, tensor) => {
    const checkpoint = await openFixture(folder);
    expect(checkpoint.has(name)).toBe(true);
    expect(checkpoint.shape(name)).toEqual(tensor.shape);
    expect(plainly(await checkpoint.read(name))).toEqual(tensor);
  });
});

test('types are those the variables were given', async () => {
  const plain = await openFixture('plain');
  const names = ['conv1/weights', 'conv10/weights', 'global_step', 'last_mask_update_step', 'pruned'];
  expect(names.map(plain.dtype)).toEqual(['float32', 'float64', 'int64', 'int32', 'bool']);
  const partitioned = await openFixture('partitioned');
  expect(['rows', 'cube', 'columns'].map(partitioned.dtype)).toEqual(['float32', 'int64', 'int16']);
});

test('we write the same variables byte for byte', async () => {
  const checkpoint = await openFixture('plain');
  const variables = new Map<string, Tensor>();
  for (const name of checkpoint.names.toReversed()) variables.set(name, await checkpoint.read(name));
  const { index, data } = encodeBundle(variables);
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  expect(hex(index)).toBe(hex(await readFile(`${checkpoint.prefix}.index`)));
  expect(hex(data)).toBe(hex(await readFile(`${checkpoint.prefix}.data-00000-of-00001`)));
});

test('strings are no variables, and asking for one says why', async () => {
  const checkpoint = await openFixture('strings');
  expect(checkpoint.has('words')).toBe(true);
  await expect(checkpoint.read('words')).rejects.toMatchObject({
    code: 'checkpoint',
    message: expect.stringContaining('words in '),
  });
  expect(() => checkpoint.dtype('words')).toThrow('is of type DT_STRING');
});

test('an unknown variable is refused with the nearest name', async () => {
  const checkpoint = await openFixture('plain');
  await expect(checkpoint.read('conv1/weight')).rejects.toMatchObject({
    code: 'checkpoint',
    message: expect.stringContaining('has no variable conv1/weight'),
    hint: expect.stringContaining('conv1/weights'),
  });
});

test('its graph has its variables', async () => {
  const { graphDef } = await readMetaGraph(join(fixtures, 'plain/model.ckpt-3'));
  const variables = graphDef!.node.filter(({ op }) => op === 'VariableV2').map(({ name }) => name);
  expect(variables.sort()).toEqual(Object.keys(expected.plain).sort());
});
