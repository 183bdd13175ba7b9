import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { columnsOf } from '../../src/cli/table.ts';
import type { NodeDef } from '../../src/wire/protos.ts';
import { bytesOf, floats, image, op } from '../runtime/graphs.ts';
import { runCaptured } from './capture.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cli-inspect-names-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function inspect(nodes: readonly NodeDef[], ...flags: string[]) {
  const path = join(dir, 'model.pb');
  await writeFile(path, bytesOf(nodes));
  return runCaptured(['inspect', path, ...flags], COMMANDS);
}

const NAMES = [
  ...[1, 2, 12, 80, 297, 379, 5000].flatMap((length) => [
    'n'.repeat(length),
    'scope/'.repeat(length).slice(0, length),
  ]),
  ...[100, 5000].map((length) => '\u5377'.repeat(length)),
  'line\nfeed\u001b[31m',
];

test.each(NAMES)('a constant and weights named %.12s, of any length', async (name) => {
  const nodes = [
    image(-1, 2),
    floats(name, [3], [1, 0, 2]),
    floats(`${name}/weights`, [2, 2], [1, 0, 0, 2]),
    op('product', 'MatMul', ['images', `${name}/weights`]),
  ];
  const { code, stdout, stderr } = await inspect(nodes, '--histogram', '--all');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const line of stdout.split('\n').filter((each) => !each.includes(dir)))
    expect(columnsOf(line)).toBeLessThanOrEqual(80);
  expect(stdout).not.toContain('\u001b');
  const found = JSON.parse((await inspect(nodes, '--json')).stdout);
  expect(found.tensors[0].name).toBe(name);
  expect(found.weights[0].name).toBe(`${name}/weights`);
});

test('NaN and infinite values are marked, by how many there are', async () => {
  const nodes = [
    image(-1, 2),
    floats('w', [2, 2], [Number.NaN, 0, Number.POSITIVE_INFINITY, 2]),
    op('product', 'MatMul', ['images', 'w']),
    floats('b', [2], [Number.NEGATIVE_INFINITY, 1]),
    floats('scale', [], [Number.NaN]),
  ];
  expect((await inspect(nodes)).stdout).toContain(
    '2 other tensors are not shown, 2 of them with NaN or infinite values: --all shows all\n',
  );
  const { stdout } = await inspect(nodes, '--all');
  expect(stdout).toMatch(/│ w +│ +2x2 .*\n│ ! 2 NaN or infinite +│/);
  expect(stdout).toMatch(/│ total 4 +│.*\n│ ! 2 NaN or infinite +│/);
  expect(stdout).toMatch(/│ b +│ +2 .*\n│ ! 1 NaN or infinite +│/);
  expect(stdout).toMatch(/│ scale +│.*│ +NaN │/);
  const found = JSON.parse((await inspect(nodes, '--json')).stdout);
  expect(found.weights[0].not_finite).toBe(2);
  expect(found.total.not_finite).toBe(2);
  expect(found.tensors).toMatchObject([
    { name: 'b', not_finite: 1 },
    { name: 'scale', not_finite: 1, value: 'NaN' },
  ]);
});
