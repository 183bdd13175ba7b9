import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { capturingContext } from './capture.ts';

/** The help of a command, or of the program, on a terminal of that many columns. */
async function help(columns: number, ...command: string[]): Promise<string[]> {
  const { context, stdout } = capturingContext();
  Object.assign(context.stdout, { columns });
  await runCommandLine([...command, '--help'], COMMANDS, context);
  return stdout().split('\n');
}

describe.each([['the program', []], ...COMMANDS.map(({ name }) => [name, [name]] as [string, string[]])])(
  'help of %s',
  (_, command) => {
    test.each([60, 80, 100])('fits %i columns', async (columns) => {
      const lines = await help(columns, ...command);
      expect(lines.length).toBeGreaterThan(10);
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      expect(lines.join('\n')).not.toMatch(/undefined|\[object/);
    });

    test('on the narrowest terminals breaks between words only', async () => {
      const words = (lines: readonly string[]) => lines.join(' ').split(/[\s\\]+/);
      const lines = await help(40, ...command);
      expect(words(lines)).toEqual(words(await help(1000, ...command)));
      const [, ...long] = lines.filter(({ length }) => length > 40);
      for (const line of long) expect(line.replace(/ \\$/, '').trim()).not.toMatch(/ /);
    });
  },
);

test.each(COMMANDS)('broken into lines, the examples of $name mean the same to a shell', async (command) => {
  // Blanks behind a comma of an hparams string mean nothing.
  const words = (examples: string) => {
    const script = `show() { printf '%s\\n' "$@"; }\n${examples.replaceAll('cifar10-prune', 'show')}`;
    return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).replace(/, +/g, ', ');
  };
  const lines = await help(60, command.name);
  const given = words(command.examples.join('\n'));
  expect(given).toMatch(new RegExp(`^${command.name}\n`));
  expect(words(lines.slice(lines.indexOf('Examples:') + 1).join('\n'))).toBe(given);
});
