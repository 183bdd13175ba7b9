import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { completeRecipe } from '../../../src/cli/sweep/asked.ts';
import { GRID_FLAG } from '../../../src/cli/sweep/grid-flag.ts';
import { planRuns } from '../../../src/cli/sweep/plan.ts';
import { parseRecipe } from '../../../src/cli/sweep/recipe.ts';
import { recipeSchema } from '../../../src/cli/sweep/schema.ts';
import { hparamsOf, trainFlagsOf } from '../../../src/cli/sweep/settings.ts';

const asked = {
  recipe: undefined,
  sparsity: [],
  seeds: [],
  grid: {},
  settings: {},
  pruningHparams: '',
};
const names = (runs: readonly { name: string }[]) => runs.map(({ name }) => name);

test('a grid is every combination, the last axis changing fastest', () => {
  const runs = planRuns(completeRecipe({ ...asked, sparsity: ['0', '0.9'], seeds: [1, 2] }));
  expect(names(runs)).toEqual([
    'target_sparsity=0,seed=1',
    'target_sparsity=0,seed=2',
    'target_sparsity=0.9,seed=1',
    'target_sparsity=0.9,seed=2',
  ]);
  const { settings } = runs[3]!;
  expect(trainFlagsOf(settings, 'dir', 2)).toMatchObject({
    train_dir: 'dir',
    max_steps: 10_000,
    seed: 2,
    threads: 2,
    pruning_hparams: 'sparsity_function_end_step=7500,target_sparsity=0.9',
  });
});

test('sparsity grows in three quarters of the steps unless hparams say until when', () => {
  const end = (more: object) => completeRecipe({ ...asked, ...more }).settings.sparsity_function_end_step;
  expect(end({})).toBe('7500');
  expect(end({ settings: { max_steps: '100' } })).toBe('75');
  expect(end({ pruningHparams: 'sparsity_function_end_step=9' })).toBe('9');
  expect(end({ grid: { sparsity_function_end_step: ['10', '20'] } })).toBeUndefined();
  expect(end({ grid: { max_steps: ['10', '20'] } })).toBeUndefined();
});

test('any flag of train and any hparam is an axis, lists in brackets whole', () => {
  const grid = GRID_FLAG.parse('batch_size=64, 128; weight_sparsity_map=[conv1:0.5,local.*:0.9],[]')!;
  expect(grid).toEqual({ batch_size: ['64', '128'], weight_sparsity_map: ['[conv1:0.5,local.*:0.9]', '[]'] });
  const runs = planRuns(completeRecipe({ ...asked, grid }));
  expect(runs).toHaveLength(4);
  for (const { name } of runs) expect(name).toMatch(/^batch_size=(64|128),weight_sparsity_map=[\w.,-]+$/);
  expect(new Set(names(runs)).size).toBe(4);
  expect(hparamsOf(runs[0]!.settings)).toContain('weight_sparsity_map=[conv1:0.5,local.*:0.9]');
  for (const text of ['', 'a', 'a=', 'a=1,', 'a=1;a=2', 'a=1;;b=2'])
    expect(GRID_FLAG.parse(text)).toBeUndefined();
});

test('the recipe of the example is what it says', () => {
  const text = readFileSync('examples/sweep/sweep.yaml', 'utf8');
  const runs = planRuns(completeRecipe({ ...asked, recipe: parseRecipe(text, 'sweep.yaml') }));
  expect(runs).toHaveLength(5 * 3 + 2);
  expect(runs[15]!.settings).toEqual({
    max_steps: '10000',
    sparsity_function_end_step: '7500',
    target_sparsity: '0.95',
    seed: '1',
    sparsity_function_begin_step: '2500',
  });
  expect(runs[16]!.settings.weight_sparsity_map).toBe('[conv1:0.5,local.*:0.97]');
});

test("the recipe of the README's table is five sparsities, and one of them with two seeds", () => {
  const text = readFileSync('examples/sweep/readme.yaml', 'utf8');
  const runs = planRuns(completeRecipe({ ...asked, recipe: parseRecipe(text, 'readme.yaml') }));
  const common = { max_steps: '5000', sparsity_function_end_step: '3750' };
  expect(runs.map(({ settings }) => settings)).toEqual(
    [
      ['0', '1'],
      ['0.5', '1'],
      ['0.75', '1'],
      ['0.9', '1'],
      ['0.95', '1'],
      ['0.9', '2'],
    ].map(([target_sparsity, seed]) => ({ ...common, target_sparsity, seed })),
  );
});

describe('the published schema', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(recipeSchema());

  test('is the file that is published', () => {
    expect(JSON.parse(readFileSync('schemas/sweep.schema.json', 'utf8'))).toEqual(recipeSchema());
  });

  test.each([
    'settings: { max_steps: 10 }',
    'grid: { seed: [1], nbins: [256, "128"] }',
    'runs: [{ weight_sparsity_map: [a:0.1, b:0.2] }, { engine: simd }]',
    '{ "settings": {}, "grid": {}, "runs": [] }',
  ])('accepts what is accepted: %s', (text) => {
    expect(() => parseRecipe(text, 'recipe')).not.toThrow();
    expect(validate(parse(text))).toBe(true);
  });

  test.each([
    ['steps: 5', 'unknown key steps, expected settings, grid, runs'],
    ['{ grid: {}, [a, b]: 5 }', 'unknown key [ a, b ], expected settings, grid, runs'],
    ['[]', 'expected a mapping with settings, grid, runs'],
    ['settings: 5', 'settings: expected a mapping of names to values'],
    ['settings: { max_stepz: 5 }', 'settings.max_stepz: max_stepz is neither a flag of train'],
    ['settings: { train_dir: x }', 'settings.train_dir: train_dir is neither a flag of train'],
    ['settings: { max_steps: [5] }', 'settings.max_steps: expected a number, a text, true or false'],
    ['settings: { max_steps: { a: 5 } }', 'settings.max_steps: expected a number, a text, true or false'],
    ['settings: { max_steps: }', 'settings.max_steps: expected a number, a text, true or false'],
    ['grid: { seed: 5 }', 'grid.seed: expected a list of at least one value'],
    ['grid: { seed: [] }', 'grid.seed: expected a list of at least one value'],
    ['grid: { seed: [[1]] }', 'grid.seed[0]: expected a number, a text, true or false'],
    ['runs: { seed: 1 }', 'runs: expected a list of mappings'],
    ['runs: [5]', 'runs[0]: expected a mapping of names to values'],
  ])('refuses what is refused: %s', (text, message) => {
    expect(() => parseRecipe(text, 'recipe')).toThrow(
      expect.objectContaining({ code: 'argument', message: expect.stringContaining(`recipe: ${message}`) }),
    );
    expect(validate(parse(text))).toBe(false);
  });
});

test.each([
  ['damaged', 'a: ['],
  ['a key twice', 'settings: {}\nsettings: {}'],
  [
    'aliases that unfold',
    `a: &a [1, 1]\n${'bcdefgh'.replace(/./g, (c) => `${c}: &${c} [${'*a, '.repeat(99)}]\n`)}`,
  ],
])('%s is refused in one line', (_, text) => {
  expect(() => parseRecipe(text, 'recipe')).toThrow(
    expect.objectContaining({ code: 'argument', message: expect.stringMatching(/^recipe: [^\n]{5,100}$/) }),
  );
});

test.each([
  [{}, 'the sweep has no runs'],
  [{ sparsity: ['0.9', '0.9'] }, 'the sweep has two runs target_sparsity=0.9'],
  [{ sparsity: ['2'] }, 'target_sparsity=2'],
  [{ grid: { batch_size: ['0'] } }, 'batch_size: 0: expected an integer >= 1'],
  [{ grid: { seeds: ['0'] } }, 'seeds is neither a flag of train that a sweep can set nor an hparam'],
  [{ pruningHparams: 'sparsity=1' }, 'sparsity is neither a flag'],
  [
    {
      grid: {
        seed: Array.from({ length: 101 }, (_, i) => `${i}`),
        batch_size: Array.from({ length: 100 }, (_, i) => `${i + 1}`),
      },
    },
    'the sweep has 10100 runs, expected at most 10000',
  ],
])('%j is refused', (more, message) => {
  expect(() => planRuns(completeRecipe({ ...asked, ...more }))).toThrow(message);
});

test('what YAML warns of is told in the error alone', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  expect(() => parseRecipe('{ [a, b]: 5 }', 'r.yaml')).toThrow('unknown key [ a, b ]');
  expect(warn).not.toHaveBeenCalled();
});
