import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizeArgv } from '../../src/cli/argv.ts';
import { defineCommand } from '../../src/cli/command.ts';
import { integer, path, text, toggle } from '../../src/cli/flag.ts';
import type { UserError } from '../../src/errors.ts';

const doc = 'A flag';
const run = async () => {};
const commands = [
  defineCommand({
    name: 'train',
    alias: 'cifar10_train',
    summary: '',
    examples: [],
    flags: {
      Training: {
        train_dir: path({ default: '.', doc }),
        max_steps: integer({ default: 1, doc }),
        notes: text({ default: '', doc }),
      },
      Output: { overwrite: toggle(doc), log_device_placement: toggle(doc) },
    },
    run,
  }),
  defineCommand({
    name: 'strip',
    summary: '',
    examples: [],
    flags: {
      Input: { checkpoint_dir: path({ default: '.', alias: 'checkpoint_path', doc }), raw: toggle(doc) },
    },
    run,
  }),
  defineCommand({
    name: 'predict',
    summary: '',
    examples: [],
    operand: { placeholder: 'IMAGE', many: true, doc: 'Some pictures' },
    flags: { Output: { top: integer({ default: 1, doc }), json: toggle(doc) } },
    run,
  }),
  defineCommand({
    name: 'bench',
    summary: '',
    examples: [],
    operand: { placeholder: 'MODEL', many: false, doc: 'A model' },
    flags: { Output: { json: toggle(doc) } },
    run,
  }),
];

const normalize = (line: string) => normalizeArgv(line.split(' ').filter(Boolean), commands).join(' ');

test.each([
  ['', '--help'],
  ['--help', '--help'],
  ['-h', '--help'],
  ['help', '--help'],
  ['help cifar10_train', 'train --help'],
  ['train --help', 'train --help'],
  ['train --trian_dir=x --help', 'train --help'],
  ['--version', '--version'],
  ['cifar10_train', 'train'],
  ['train --train_dir=a', 'train --train_dir=a'],
  ['train --train_dir a', 'train --train_dir=a'],
  ['train --train-dir=a', 'train --train_dir=a'],
  ['train -train_dir=a', 'train --train_dir=a'],
  ['train -train-dir a', 'train --train_dir=a'],
  ['train --train_dir=--odd', 'train --train_dir=--odd'],
  ['train --train_dir=a=b', 'train --train_dir=a=b'],
  ['train --notes=', 'train --notes='],
  ['train --max_steps -1', 'train --max_steps=-1'],
  ['train --overwrite', 'train --overwrite=true'],
  ['train --overwrite=False', 'train --overwrite=False'],
  ['train --nooverwrite', 'train --overwrite=false'],
  ['train --no-overwrite', 'train --overwrite=false'],
  ['train --nolog-device-placement --max_steps=2', 'train --log_device_placement=false --max_steps=2'],
  ['train --notes x', 'train --notes=x'],
  ['strip --checkpoint_path=a', 'strip --checkpoint_dir=a'],
  ['strip --checkpoint-path a --raw', 'strip --checkpoint_dir=a --raw=true'],
  ['predict a.png', 'predict -- a.png'],
  ['predict a.png --top 3 b.png --json - c.png', 'predict --top=3 --json=true -- a.png b.png - c.png'],
  ['predict --json -- a.png --top --help --', 'predict --json=true -- a.png --top --help --'],
  ['predict a.png -h', 'predict --help'],
  ['predict -h', 'predict --help'],
  ['bench a.pb', 'bench -- a.pb'],
  ['bench -- -a', 'bench -- -a'],
])('%s', (given, expected) => {
  expect(normalize(given)).toBe(expected);
});

test('a value is passed on whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const expected = ['train', `--notes=${value}`];
      expect(normalizeArgv(['train', `--notes=${value}`], commands)).toEqual(expected);
      if (!value.startsWith('-'))
        expect(normalizeArgv(['train', '--notes', value], commands)).toEqual(expected);
    }),
  );
});

describe('usage errors', () => {
  test.each([
    [
      'trian',
      'unknown command trian, expected a command first: train, strip, predict, bench',
      'Did you mean train?',
    ],
    ['cifar10-train', 'unknown command cifar10-train, expected', 'Did you mean cifar10_train?'],
    ['xyzzy', 'unknown command xyzzy, expected', 'See cifar10-prune --help.'],
    ['help trian', 'unknown command trian', 'Did you mean train?'],
    ['--max_steps=1 train', '--max_steps=1 stands before a command', 'See cifar10-prune --help.'],
    ['train --trian_dir=x', 'train has no flag --trian_dir', 'Did you mean --train_dir?'],
    ['train --max-step 5', 'train has no flag --max-step', 'Did you mean --max_steps?'],
    ['train -m 5', 'train has no flag -m', 'See cifar10-prune train --help.'],
    ['train --xyzzy', 'train has no flag --xyzzy', 'See cifar10-prune train --help.'],
    [
      'train --checkpoint-path=x',
      'train has no flag --checkpoint-path',
      'Give --checkpoint-path to strip instead.',
    ],
    ['strip --nooverwrite', 'strip has no flag --nooverwrite', 'Give --nooverwrite to train instead.'],
    ['train --notrain_dir', 'train has no flag --notrain_dir', 'Did you mean --train_dir?'],
    [
      'train --train_dir',
      '--train_dir is the last argument, expected its value: a path',
      'Write --train_dir=DIR instead.',
    ],
    [
      'train --train_dir --max_steps=5',
      '--train_dir is followed by --max_steps=5, expected its value: a path',
      'Write --train_dir=DIR instead.',
    ],
    [
      'train --nooverwrite=true',
      '--nooverwrite=true: a negated flag takes no value',
      'Write --overwrite=true instead.',
    ],
    [
      'train data',
      'unexpected argument "data", expected a flag such as --name=value',
      'See cifar10-prune train --help.',
    ],
    ['train --overwrite false', 'unexpected argument "false"', 'Write --overwrite=false instead.'],
    ['train --', 'unexpected argument "--"', 'See cifar10-prune train --help.'],
    ['train -- a', 'unexpected argument "--"', 'See cifar10-prune train --help.'],
    ['predict --json', 'predict needs IMAGE...: Some pictures', 'See cifar10-prune predict --help.'],
    ['predict --', 'predict needs IMAGE...', 'See cifar10-prune predict --help.'],
    ['predict a.png --jsn', 'predict has no flag --jsn', 'Did you mean --json?'],
    ['bench', 'bench needs MODEL: A model', 'See cifar10-prune bench --help.'],
    [
      'bench a.pb b.pb',
      'unexpected argument "b.pb", expected one MODEL only',
      'See cifar10-prune bench --help.',
    ],
    ['train --=5', 'unexpected argument "--=5"', 'See cifar10-prune train --help.'],
  ])('%s', (given, message, hint) => {
    let error: UserError | undefined;
    try {
      normalize(given);
    } catch (thrown) {
      error = thrown as UserError;
    }
    expect(error?.code).toBe('usage');
    expect(error?.message).toContain(message);
    expect(error?.hint).toBe(hint);
  });
});
