import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { flagsOf } from '../../../src/cli/command.ts';
import { quoted } from '../../../src/cli/command-line.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { runCaptured } from '../capture.ts';
import { COMPLETED } from './words.ts';

let script: string;
beforeAll(async () => {
  const { code, stdout } = await runCaptured(['completion', 'bash'], COMMANDS);
  expect(code).toBe(0);
  script = stdout;
});

/** What bash would show for words that it has split at blanks and at `=`. */
function completionsOf(...words: string[]): string[] {
  const program = [
    // It tells of nothing outside an interactive completion.
    'compopt() { :; }',
    script,
    `COMP_WORDS=(${words.map(quoted).join(' ')}) COMP_CWORD=${words.length - 1} COMPREPLY=()`,
    '_cifar10_prune',
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ].join('\n');
  const shown = execFileSync('bash', ['--norc', '-c', program]).toString();
  return shown.split('\n').filter(Boolean);
}

const split = (line: string) => line.split(/ |(=)/).filter((word) => word !== undefined && word !== '');

test.each(COMPLETED)('%s<TAB>', (typed, completed) => {
  const [shown, ...others] = completionsOf(...split(typed));
  expect(others).toEqual([]);
  expect(completed).toBe(typed.slice(0, typed.length - split(typed).at(-1)!.length) + shown);
});

describe('shows', () => {
  test('all commands', () => {
    expect(completionsOf('cifar10-prune', '')).toEqual(COMMANDS.map(({ name }) => name));
  });

  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    'all flags of %s',
    (name, command) => {
      const flags = Object.entries(flagsOf(command));
      expect(completionsOf('cifar10-prune', name, '--')).toEqual(
        flags.map(([flag, { toggle }]) => `--${flag}${toggle ? '' : '='}`),
      );
    },
  );

  test('the values of a flag behind =, behind a blank and in another spelling', () => {
    const values = ['auto', 'simd', 'tfjs'];
    expect(completionsOf('cifar10-prune', 'train', '--engine', '=')).toEqual(values);
    expect(completionsOf('cifar10-prune', 'train', '--engine', '')).toEqual(values);
    expect(completionsOf('cifar10-prune', 'train', '--data-dir', '=', 'package.j')).toEqual(['package.json']);
  });

  test('nothing for a value that may be anything, and after a toggle', () => {
    expect(completionsOf('cifar10-prune', 'train', '--max_steps', '=', '')).toEqual([]);
    expect(completionsOf('cifar10-prune', 'train', '--max_steps', '')).toEqual([]);
    expect(completionsOf('cifar10-prune', 'train', '--overwrite', '')).toEqual([]);
  });
});

test('an unknown shell is refused', async () => {
  const { code, stderr } = await runCaptured(['completion', 'tcsh'], COMMANDS);
  expect(code).toBe(2);
  expect(stderr).toContain('error: there is no completion for tcsh, expected one of bash, zsh, fish');
});
