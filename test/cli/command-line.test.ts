import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandLine, nextCommands, notAtDefault, quoted } from '../../src/cli/command-line.ts';
import { integer, list, text, toggle } from '../../src/cli/flag.ts';

test.each([
  'run/model.ckpt-10',
  'a b',
  "it's",
  '$HOME `id` "x" \\ * ~',
  '',
  'weight_sparsity_map=[conv1:0.8,local.*:0.95]',
  'a\nb',
])('%j is one word for a shell', (word) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quoted(word)}`]).toString()).toBe(word);
});

test('a plain word stands unquoted', () => {
  expect(quoted('/tmp/run_1/model.ckpt-10')).toBe('/tmp/run_1/model.ckpt-10');
});

test('a command line has what is given, and no flag that is off', () => {
  const flags = { train_dir: 'a b', max_steps: 5, overwrite: true, json: false, seed: undefined };
  expect(commandLine('train', flags, 'x y')).toBe(
    "cifar10-prune train 'x y' --train_dir='a b' --max_steps=5 --overwrite",
  );
});

test('flags at their defaults are told from others', () => {
  const flags = {
    One: { steps: integer({ default: 5, doc: '' }), raw: toggle('') },
    Two: { name: text({ default: undefined, doc: '' }), formats: list({ default: ['pb'], doc: '' }) },
  };
  const formats = flags.Two.formats.default;
  expect(notAtDefault(flags, { steps: 5, raw: true, name: undefined, formats })).toEqual({ raw: true });
  expect(notAtDefault(flags, { steps: 6, raw: false, name: '', formats: ['pb'] })).toEqual({
    steps: 6,
    name: '',
    formats: ['pb'],
  });
});

test('commands stand under their heading', () => {
  expect(nextCommands('next:', ['a', 'b'])).toBe('next:\n  a\n  b');
});
