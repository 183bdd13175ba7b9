import { homedir } from 'node:os';
import { expect, expectTypeOf, test } from 'vitest';
import {
  choice,
  type Flag,
  type FlagValues,
  integer,
  integers,
  list,
  path,
  seconds,
  text,
  toggle,
} from '../../src/cli/flag.ts';

const doc = 'A flag';

test.each<[string, Flag, Record<string, unknown>]>([
  [
    'integer',
    integer({ default: 0, doc, min: 1 }),
    {
      1: 1,
      '+12': 12,
      0: undefined,
      '-1': undefined,
      '1.0': undefined,
      '1e3': 1000,
      '1.5E+3': 1500,
      '+2e0': 2,
      '1.5e0': undefined,
      '1e-3': undefined,
      '1e16': undefined,
      '1e': undefined,
      '': undefined,
      ten: undefined,
      '9007199254740993': undefined,
    },
  ],
  [
    'integer without bounds',
    integer({ default: 0, doc }),
    { '-7': -7, 0: 0, '-': undefined, '0x10': undefined },
  ],
  [
    'integers',
    integers({ default: undefined, doc, min: 1 }),
    { '1,128': [1, 128], '2, +3': [2, 3], 7: [7], '1,': undefined, '1,0': undefined, '': undefined },
  ],
  [
    'seconds',
    seconds({ default: 0, doc }),
    {
      600: 600,
      '0.5': 0.5,
      '.5': 0.5,
      '1e3': 1000,
      0: 0,
      '-1': undefined,
      Infinity: undefined,
      '1e999': undefined,
      '': undefined,
      '1m': undefined,
    },
  ],
  [
    'toggle',
    toggle(doc),
    {
      true: true,
      True: true,
      1: true,
      t: true,
      false: false,
      False: false,
      0: false,
      f: false,
      '': undefined,
      yes: undefined,
      2: undefined,
    },
  ],
  [
    'choice',
    choice(['test', 'train_eval'], { default: 'test', doc }),
    { test: 'test', train_eval: 'train_eval', Test: undefined, '': undefined },
  ],
  [
    'list',
    list({ default: [], doc }),
    { a: ['a'], 'a/b, c': ['a/b', 'c'], '': undefined, 'a,': undefined, ',': undefined },
  ],
  ['text', text({ default: '', doc }), { '': '', 'a b=c': 'a b=c' }],
  [
    'path',
    path({ default: '.', doc }),
    {
      '/tmp/a b': '/tmp/a b',
      '~/runs': `${homedir()}/runs`,
      '~': homedir(),
      'a/~/b': 'a/~/b',
      '~me': '~me',
      '': undefined,
    },
  ],
])('%s', (_, flag, expected) => {
  const parsed = Object.fromEntries(Object.keys(expected).map((given) => [given, flag.parse(given)]));
  expect(parsed).toEqual(expected);
});

test('the values of a table of flags have the types of its flags', () => {
  const flags = {
    Training: {
      max_steps: integer({ default: 1, doc }),
      save_checkpoint_steps: integer({ default: undefined, doc }),
    },
    Output: { raw: toggle(doc), eval_data: choice(['test', 'train_eval'], { default: 'test', doc }) },
  };
  expectTypeOf<FlagValues<typeof flags>>().toEqualTypeOf<{
    readonly max_steps: number;
    readonly save_checkpoint_steps: number | undefined;
    readonly raw: boolean;
    readonly eval_data: 'test' | 'train_eval';
  }>();
});
