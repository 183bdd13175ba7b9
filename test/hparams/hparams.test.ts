import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import {
  DEFAULT_HPARAMS,
  formatHparams,
  hparamsHelp,
  hparamsMarkdown,
  hparamsNotices,
  type PruningHparams,
  parseBlockEntry,
  parseHparams,
  parseSparsityEntry,
  withDefaults,
} from '../../src/hparams/index.ts';
import { SUPPORTED_HPARAMS, UNSUPPORTED_HPARAMS } from '../../src/hparams/table.ts';

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((value) => value + 0);
const step = fc.integer({ min: 0, max: 2 ** 31 - 2 });
const extent = fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 2 ** 31 - 1 }));
const word = fc.stringMatching(/^[\w./()*?-]{1,12}$/);
const pattern = fc.stringMatching(/^\^?[\w/]{1,8}(\.\*|\(a\|b\))?\$?$/);
const hparams: fc.Arbitrary<PruningHparams> = fc
  .record(
    {
      name: fc.stringMatching(/^[A-Za-z0-9.][\w./-]{0,10}$/),
      begin_pruning_step: step,
      end_pruning_step: fc.constantFrom(-1, 2 ** 31 - 1),
      weight_sparsity_map: fc.array(fc.tuple(pattern, fraction).map(([regex, value]) => `${regex}:${value}`)),
      block_dims_map: fc.array(
        fc.tuple(pattern, extent, extent).map(([regex, height, width]) => `${regex}:${height}x${width}`),
      ),
      threshold_decay: fraction,
      pruning_frequency: step,
      nbins: fc.integer({ min: -(2 ** 31 - 1), max: 2 ** 31 - 1 }),
      block_height: extent,
      block_width: extent,
      block_pooling_function: fc.constantFrom('AVG' as const, 'MAX' as const),
      initial_sparsity: fraction,
      target_sparsity: fraction,
      sparsity_function_begin_step: step,
      sparsity_function_end_step: fc.constant(2 ** 31 - 1),
      sparsity_function_exponent: fc
        .double({ min: 0, noNaN: true, noDefaultInfinity: true })
        .map((value) => value + 0),
      use_tpu: fc.boolean(),
      do_not_prune: fc.array(word),
    },
    { noNullPrototype: true },
  )
  .filter((values) => !/^-/.test(values.name));

describe('the canonical string', () => {
  it('names every hparam in the order of the table', () => {
    expect(formatHparams(parseHparams('use_tpu=1,do_not_prune=[a b],target_sparsity=.90'))).toBe(
      'name=model_pruning,begin_pruning_step=0,end_pruning_step=-1,weight_sparsity_map=[],block_dims_map=[],' +
        'threshold_decay=0,pruning_frequency=10,nbins=256,block_height=1,block_width=1,block_pooling_function=AVG,' +
        'initial_sparsity=0,target_sparsity=0.9,sparsity_function_begin_step=0,sparsity_function_end_step=100,' +
        'sparsity_function_exponent=3,use_tpu=true,do_not_prune=[a,b]',
    );
  });

  it('parses back to the same values', () => {
    fc.assert(
      fc.property(hparams, (values) => {
        expect(parseHparams(formatHparams(values))).toStrictEqual(values);
      }),
    );
  });
});

describe('any text', () => {
  it('is either parsed or refused with a UserError of one line', () => {
    const clause = fc.oneof(
      fc.string(),
      fc
        .tuple(
          fc.constantFrom(...Object.keys(DEFAULT_HPARAMS)),
          fc.constantFrom('=', ' = ', '[0]='),
          fc.string(),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(clause), (clauses) => {
        try {
          parseHparams(clauses.join(','));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect((error as UserError).message).toMatch(/^[^\r\n]+$/);
        }
      }),
    );
  });
});

describe('values given by name', () => {
  it('are completed with the defaults', () => {
    expect(withDefaults({ target_sparsity: 0.8 })).toStrictEqual({
      ...DEFAULT_HPARAMS,
      target_sparsity: 0.8,
    });
  });

  it.each([
    [{ target_sparsity: 1 }, '"target_sparsity=1": "1" is refused, expected a number in [0, 1)'],
    [{ target_sparsity: '0.5' }, '"target_sparsity=0.5": "0.5" is refused, expected a number in [0, 1)'],
    [{ target_sparsity: Number.NaN }, '"target_sparsity=NaN": "NaN" is refused, expected a number in [0, 1)'],
    [{ use_tpu: 1 }, '"use_tpu=1": "1" is refused, expected true, false or an integer'],
    [
      { pruning_frequency: 1.5 },
      '"pruning_frequency=1.5": "1.5" is refused, expected an integer in [0, 2147483647]',
    ],
    [
      { do_not_prune: ['a b'] },
      '"do_not_prune=[a b]": "a b" is refused, expected a part of a weight name, without blank "," and "]"',
    ],
    [
      { do_not_prune: 'a' },
      '"do_not_prune=a": "a" is no list, expected a list, each a part of a weight name, without blank "," and "]"',
    ],
    [
      { targetSparsity: 0.5 },
      '"targetSparsity=0.5": targetSparsity is unknown, expected a known name, the nearest is target_sparsity',
    ],
  ])('are checked: %o', (values, message) => {
    expect(() => withDefaults(values as Partial<PruningHparams>)).toThrow(
      expect.objectContaining({ code: 'hparams', message: `pruning hparams: ${message}` }),
    );
  });
});

describe('map entries', () => {
  it('are accepted where their parser reads them', () => {
    const { weight_sparsity_map: sparsities, block_dims_map: blocks } = SUPPORTED_HPARAMS;
    const entries = ['conv1:0.5', 'local3:4x4', 'conv1', 'conv(:0.5', 'conv1:1', 'local3:0x4', 'a:b:0.5'];
    expect(entries.filter((entry) => sparsities.accepts(entry))).toEqual(['conv1:0.5']);
    expect(entries.filter((entry) => sparsities.parse(entry))).toEqual(['conv1:0.5']);
    expect(entries.filter((entry) => blocks.accepts(entry))).toEqual(['local3:4x4']);
    expect(entries.filter((entry) => blocks.parse(entry))).toEqual(['local3:4x4']);
  });

  it('hold a pattern and a sparsity', () => {
    const entry = parseSparsityEntry('^local(3|4):.75');
    expect(entry?.sparsity).toBe(0.75);
    expect(['local3/weights', 'local5/weights', 'x/local3'].map((name) => entry?.pattern.test(name))).toEqual(
      [true, false, false],
    );
  });

  it('hold a pattern and a block', () => {
    expect(parseBlockEntry('local3:-1x16')).toEqual({
      entry: 'local3:-1x16',
      pattern: /local3/u,
      height: -1,
      width: 16,
    });
  });
});

describe('notices', () => {
  it.each([
    ['', ['no pruning hparams are given, which still prunes: to 50% by step 100']],
    ['name=cifar10_pruning', ['no pruning hparams are given, which still prunes: to 50% by step 100']],
    ['target_sparsity=0.9', []],
    ['target_sparsity=0.9,use_tpu=True', ['use_tpu is ignored: nothing here runs on a TPU']],
    ['nbins=128', ['nbins is ignored: thresholds are exact, not read from a histogram']],
  ])('of "%s"', (text, notices) => {
    expect(hparamsNotices(parseHparams(text))).toEqual(notices);
  });
});

describe('the table', () => {
  const names = [...Object.keys(SUPPORTED_HPARAMS), ...Object.keys(UNSUPPORTED_HPARAMS)];

  it('gives each hparam one line of the Markdown table', () => {
    const [head, rule, ...rows] = hparamsMarkdown().split('\n');
    expect(head).toBe('| name | type | default | meaning |');
    expect(rule).toBe('| --- | --- | --- | --- |');
    expect(rows.map((row) => row.split('|')[1]?.trim())).toEqual(names.map((name) => `\`${name}\``));
    expect(rows.every((row) => row.split('|').length === 6)).toBe(true);
    expect(rows).toContain(
      '| `target_sparsity` | float | `0.5` | Sparsity from sparsity_function_end_step on |',
    );
    expect(rows).toContain(
      '| `group_pruning` | bool | `false` | Not supported yet: refused unless at its default. One threshold for a group of weights |',
    );
  });

  it('has help on each hparam', () => {
    const { clauses, refused } = hparamsHelp();
    expect(clauses.map(([clause]) => clause.split('=')[0])).toEqual(Object.keys(SUPPORTED_HPARAMS));
    expect(clauses).toContainEqual(['target_sparsity=0.5', 'Sparsity from sparsity_function_end_step on']);
    expect(refused).toEqual(Object.keys(UNSUPPORTED_HPARAMS));
  });

  it('has defaults that it accepts itself', () => {
    for (const hparam of Object.values({ ...SUPPORTED_HPARAMS, ...UNSUPPORTED_HPARAMS })) {
      if (hparam.type !== 'list') expect(hparam.accepts(hparam.default)).toBe(true);
    }
  });
});
