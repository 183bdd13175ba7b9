import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { hparamsMarkdown } from '../src/hparams/index.ts';

const readme = readFileSync('README.md', 'utf8');
const reference = readFileSync('docs/reference.md', 'utf8');

const rows = hparamsMarkdown()
  .split('\n')
  .filter((row) => !row.includes('Not supported yet'));

test('the reference holds the table of the hparams that are supported', () => {
  expect(rows.length).toBeGreaterThan(15);
  expect(reference).toContain(rows.join('\n'));
});

test('the README holds some of its rows', () => {
  const section = readme.split('## Pruning hparams')[1]!.split('\n## ')[0]!;
  const held = section.split('\n').filter((line) => line.startsWith('|'));
  expect(held.length).toBeGreaterThan(5);
  expect(held).toEqual(rows.filter((row) => held.includes(row)));
});

test('the README names every command and its alias', () => {
  for (const { name, alias } of COMMANDS)
    expect(readme).toContain(`| \`${name}\` | ${alias ? `\`${alias}\` ` : ''}|`);
});
