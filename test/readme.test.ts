import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { hparamsMarkdown } from '../src/hparams/index.ts';

const readme = readFileSync('README.md', 'utf8');

test('the README holds the table of the hparams that are supported', () => {
  const rows = hparamsMarkdown()
    .split('\n')
    .filter((row) => !row.includes('Not supported yet'));
  expect(rows.length).toBeGreaterThan(15);
  expect(readme).toContain(rows.join('\n'));
});

test('the README names every command and its alias', () => {
  for (const { name, alias } of COMMANDS)
    expect(readme).toContain(`| \`${name}\` | ${alias ? `\`${alias}\` ` : ''}|`);
});
