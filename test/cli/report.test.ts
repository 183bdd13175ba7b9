import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { ReportData } from '../../src/report/report-data.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';
import { writeData } from './data-fixture.ts';

let root: string;
let data: string;
let runs: string;
let out: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cli-report-'));
  data = await writeData();
  runs = join(root, 'runs');
  for (const [name, step] of [
    ['a', 7],
    ['b', 9],
  ] as const) {
    await mkdir(join(runs, name), { recursive: true });
    await writeCheckpoint(join(runs, name), step);
  }
});
afterAll(async () => {
  await rm(root, { recursive: true });
  await rm(data, { recursive: true });
});
beforeEach(async () => {
  out = await mkdtemp(join(root, 'out-'));
});

const report = (...argv: string[]) =>
  runCaptured(['report', `--data_dir=${data}`, '--threads=1', '--mistakes=0', ...argv], COMMANDS);

const MEASURED = ['--evaluate', '--num_examples=10'];

test('writes a page that holds the data, and says how to open it', async () => {
  const page = join(out, 'page.html');
  const { code, stdout } = await report(runs, `--output=${page}`, '--mistakes=2');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `2 runs in ${page}; open file://${page} in a browser\n`,
  });
  const html = await readFile(page, 'utf8');
  expect(html).toMatch(/^<!doctype html>/i);
  expect(html).toContain('softmax_linear');
  expect(await readdir(out)).toEqual(['page.html']);
});

test('--json prints the data alone, and writes no page unless one is named', async () => {
  const { code, stdout, stderr } = await report(
    runs,
    '--json',
    '--mistakes=2',
    '--num_examples=30',
    '--evaluate',
  );
  expect(code).toBe(0);
  const { runs: reported, version }: ReportData = JSON.parse(stdout);
  expect(reported.map(({ name, step }) => [name, step])).toEqual([
    ['a', 7],
    ['b', 9],
  ]);
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  for (const run of reported) {
    expect(run.averages!.count).toBe(30);
    expect(run.mistakes).toHaveLength(2);
  }
  expect(stderr.match(/simd/g)).toHaveLength(1);
  expect(await readdir(out)).toEqual([]);
});

test('--csv prints a table alone, beside a page that is named', async () => {
  const page = join(out, 'r.html');
  const { stdout, stderr } = await report(runs, '--csv', `--output=${page}`);
  expect(stdout.replaceAll('0.8999994379833344', '0.9')).toBe(
    'name,sparsity,accuracy,accuracy_raw,training_seconds\r\na,0.9,,,\r\nb,0.9,,,\r\n',
  );
  expect(stderr).toBe(`2 runs in ${page}; open file://${page} in a browser\n`);
});

test('--svg writes pictures, with the page or alone', async () => {
  const folder = join(out, 'figures');
  const { stderr } = await report(runs, '--json', `--svg=${folder}`, ...MEASURED);
  expect(stderr).toMatch(new RegExp(`\n2 runs in ${folder}\n$`));
  const names = await readdir(folder);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    expect(name).toMatch(/\.svg$/);
    expect(await readFile(join(folder, name), 'utf8')).toMatch(/^(<\?xml[^>]*>\s*)?<svg /);
  }
});

test('where there is nothing to draw, that is told', async () => {
  const { code, stderr } = await report(runs, '--json', `--svg=${join(out, 'figures')}`);
  expect(code).toBe(0);
  expect(stderr).toBe(
    `no charts in ${join(out, 'figures')}: the runs have neither accuracy nor curves; --evaluate measures the accuracy\n`,
  );
  expect(await readdir(out)).toEqual([]);
});

test('pictures of mistakes are left out where the test set is not at hand, in a line', async () => {
  const { code, stdout, stderr } = await report(runs, '--json', '--mistakes=2', `--data_dir=${out}`);
  expect(code).toBe(0);
  expect(stderr).toBe(`the test set is not in ${out}: the report will show no wrongly classified pictures\n`);
  for (const { mistakes } of JSON.parse(stdout).runs) expect(mistakes).toEqual([]);
  expect(await readdir(out)).toEqual([]);
});

describe('nothing is overwritten unasked', () => {
  test('neither a page', async () => {
    const page = join(out, 'page.html');
    await writeFile(page, 'mine');
    const refused = await report(runs, `--output=${page}`);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`error: ${page} exists already\nhint: Give --overwrite`);
    expect(await readFile(page, 'utf8')).toBe('mine');
    expect((await report(runs, `--output=${page}`, '--overwrite')).code).toBe(0);
    expect(await readFile(page, 'utf8')).not.toBe('mine');
  });

  test('nor a picture, and then no page is written either', async () => {
    const [page, folder] = [join(out, 'page.html'), join(out, 'svg')];
    expect((await report(runs, '--json', `--svg=${folder}`, ...MEASURED)).code).toBe(0);
    const names = await readdir(folder);
    await writeFile(join(folder, names.at(-1)!), 'mine');
    const refused = await report(runs, `--output=${page}`, `--svg=${folder}`, ...MEASURED);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('exists already');
    expect(await readFile(join(folder, names.at(-1)!), 'utf8')).toBe('mine');
    expect(await readdir(out)).toEqual(['svg']);
    expect((await report(runs, `--output=${page}`, `--svg=${folder}`, '--overwrite', ...MEASURED)).code).toBe(
      0,
    );
    expect(await readFile(join(folder, names.at(-1)!), 'utf8')).not.toBe('mine');
  });
});

test.each([
  [['none'], 1, 'there is no folder none'],
  [['.', '--json', '--csv'], 2, '--json does not go with --csv'],
  [[], 2, 'report needs DIR...: train_dir of a run'],
  [['.', '--mistakes=-1'], 2, '--mistakes=-1: expected an integer >= 0'],
])('%j is refused', async (argv, exitCode, message) => {
  const { code, stdout, stderr } = await runCaptured(['report', ...argv], COMMANDS);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
});

test('a folder without a run, and one with a damaged result, leave nothing', async () => {
  const page = join(out, 'new', 'page.html');
  const empty = await report(out, `--output=${page}`);
  expect(empty).toMatchObject({ code: 1, stdout: '' });
  expect(empty.stderr).toMatch(/^error: .* holds no run, expected .*\nhint: .*\n$/);
  const dir = join(out, 'run');
  await mkdir(dir);
  await writeCheckpoint(dir, 1);
  await writeFile(join(dir, 'result.json'), '{');
  const damaged = await report(dir, `--output=${page}`);
  expect(damaged).toMatchObject({ code: 1, stdout: '' });
  expect(damaged.stderr).toMatch(/^error: .*result\.json does not hold the result of a run, .*\nhint: .*\n$/);
  expect(await readdir(out)).toEqual(['run']);
});
