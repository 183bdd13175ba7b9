import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { placeholder } from '../../src/graph/index.ts';
import { DataType } from '../../src/wire/protos.ts';
import { bytesOf, floats, op, sliding } from '../runtime/graphs.ts';
import { runCaptured } from './capture.ts';

let path: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cli-inspect-partial-'));
  path = join(folder, 'model.pb');
  const nodes = [
    placeholder('left', DataType.DT_FLOAT, [-1, -1, -1, 1]),
    placeholder('right:side', DataType.DT_FLOAT, [-1, 4]),
    floats('filter', [3, 3, 1, 2], new Float32Array(18).fill(1)),
    op('conv', 'Conv2D', ['left', 'filter'], sliding('SAME', 1)),
    floats('matrix', [4, 2], new Float32Array(8).fill(1)),
    op('product', 'MatMul', ['right:side', 'matrix']),
  ];
  await writeFile(path, bytesOf(nodes));
});
afterAll(() => rm(join(path, '..'), { recursive: true }));

const inspect = (...flags: string[]) => runCaptured(['inspect', path, ...flags], COMMANDS);
const total = async (...flags: string[]) => JSON.parse((await inspect('--json', ...flags)).stdout).total;

describe('a total that lacks weights', () => {
  test('says so in its own row', async () => {
    const { stdout } = await inspect();
    expect(stdout).toMatch(/│ total +│ +│ +│ +8 │ +8 │\n│ ! partial: 1 not known +│/);
  });

  test('and in the JSON', async () => {
    expect(await total()).toMatchObject({
      partial: false,
      multiply_adds: { dense: 8, effective: 8, partial: true, unknown: 1 },
    });
  });
});

describe('--input_shape', () => {
  test.each([
    ['--input_shape=left:1,5,6,1'],
    ['--input_shape=left:0:1,5,6,1'],
    ['--input_shape=right:side:1,4;left:1,5,6,1'],
    ['--input_shape=left:9,9,9,9', '--input_shape', 'left:2,5,6,1'],
    ['--input_shape=left:1,5,6,1', '--input_shape=right:side:1,4'],
  ])('%s %s %s', async (...flags) => {
    expect(await total(...flags)).toMatchObject({
      multiply_adds: { dense: 5 * 6 * 18 + 8, partial: false, unknown: 0 },
    });
  });

  test.each([
    ['1,5,6,1', 1, 'names no input, and the model has 2', 'Name one of them: left, right:side.'],
    ['lift:1,5,6,1', 1, 'the model has no input lift', 'Give another name, such as left.'],
    ['left:1,,6,1', 2, 'expected a name, a colon and extents >= 1 between commas', ''],
    ['left:1,0,6,1', 2, 'expected a name, a colon and extents >= 1 between commas', ''],
    ['left', 2, 'expected a name, a colon and extents >= 1 between commas', ''],
  ])('%s is refused', async (given, expected, message, hint) => {
    const { code, stderr } = await inspect(`--input_shape=${given}`);
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});
