import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoted } from '../../src/cli/command-line.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCaptured } from '../cli/capture.ts';
import { COMPLETED } from '../cli/completion/words.ts';

const isThere = (program: string) => spawnSync(program, ['--version']).error === undefined;

let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'));
  script = join(folder, 'script');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function writeScript(shell: string): Promise<void> {
  const { code, stdout } = await runCaptured(['completion', shell], COMMANDS);
  expect(code).toBe(0);
  writeFileSync(script, stdout);
}

/** Of a folder fish and zsh show the slash, behind a whole word a blank. */
const plain = (line: string) => line.replace(/[/ ]$/, '');

describe.skipIf(!isThere('fish'))('fish', () => {
  test.each(COMPLETED)('%s<TAB>', async (typed, completed) => {
    await writeScript('fish');
    const shown = execFileSync('fish', [
      '--no-config',
      '-c',
      `source ${script}; complete -C ${quoted(typed)}`,
    ]).toString();
    const [first, ...others] = shown
      .trimEnd()
      .split('\n')
      .map((line) => plain(line.split('\t')[0]!));
    expect(others).toEqual([]);
    const start = typed.slice(0, typed.lastIndexOf(' ') + 1);
    expect(start + first).toBe(completed.replace(/=$/, ''));
  });
});

describe.skipIf(!isThere('zsh'))('zsh', () => {
  test('completes in a terminal', async () => {
    await writeScript('zsh');
    const out = join(folder, 'lines');
    const setUp = [
      'PS1= ; autoload -Uz compinit; compinit -u -D',
      `source ${script}`,
      `completed() { zle complete-word; print -r -- "$BUFFER" >> ${out}; BUFFER= }`,
      "zle -N completed; bindkey '^T' completed",
    ].join('; ');
    const session = [
      'zmodload zsh/zpty',
      "zpty terminal 'zsh -f -i'",
      `zpty -w terminal ${quoted(setUp)}`,
      ...COMPLETED.map(([typed]) => `zpty -w -n terminal ${quoted(typed)}$'\\x14'`),
      'zpty -w terminal exit',
      'while zpty -r terminal chunk; do :; done',
    ].join('\n');
    execFileSync('zsh', ['-f', '-c', session], { timeout: 60_000 });
    expect(readFileSync(out, 'utf8').trimEnd().split('\n').map(plain)).toEqual(
      COMPLETED.map(([, completed]) => completed),
    );
  });
});
