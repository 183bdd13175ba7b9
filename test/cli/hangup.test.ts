import { type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeData } from './data-fixture.ts';

const TSX = import.meta.resolve('tsx');
const NODE = `"${process.execPath}" --import "${TSX}"`;
const ASK = `${NODE} "${resolve('test/cli/signalled-process.ts')}" hangup`;

const withBash = spawnSync('bash', ['-c', 'command -v nohup']).status === 0;

function ask(command: string, options: { cwd?: string; stdio?: StdioOptions } = {}): string {
  return spawnSync('bash', ['-c', command], { encoding: 'utf8', ...options }).stdout;
}

describe.runIf(withBash)('a hangup is', () => {
  test('not ignored where nobody asked for it', () => {
    expect(ask(ASK)).toBe('false\n');
    expect(ask(`${ASK}; true`)).toBe('false\n');
  });

  test('ignored under nohup', () => {
    expect(ask(`nohup ${ASK}`)).toBe('true\n');
    expect(ask(`nohup /usr/bin/env ${ASK}`)).toBe('true\n');
  });

  test.runIf(process.platform === 'linux')('ignored in a script under nohup, or one that traps it', () => {
    expect(ask(`nohup bash -c '${ASK}; true'`)).toBe('true\n');
    expect(ask(`trap "" HUP; ${ASK}; true`)).toBe('true\n');
  });

  test('ignored where nohup has replaced a terminal as standard input', () => {
    const writeOnly = openSync('/dev/null', 'w');
    expect(ask(ASK, { stdio: [writeOnly, 'pipe', 'inherit'] })).toBe('true\n');
    closeSync(writeOnly);
    expect(ask(`${ASK} < /dev/null`)).toBe('false\n');
    expect(ask(`${ASK} <&-`)).toBe('false\n');
  });

  test('ignored where nohup has replaced a terminal as an output', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'hangup-'));
    expect(ask(`${ASK} 2>> nohup.out`, { cwd })).toBe('true\n');
    expect(ask(`${ASK} 2>> other.out`, { cwd })).toBe('false\n');
  });
});

describe.runIf(withBash)('a training that is hung up', () => {
  const train = async (prefix: string) => {
    const dir = await mkdtemp(join(tmpdir(), 'hangup-'));
    const flags = `--train_dir="${dir}" --data_dir="${await writeData()}" --batch_size=4 --log_frequency=1`;
    const command = `${prefix} ${NODE} bin/cifar10-prune.ts train ${flags} 2>&1 & echo "process $!"; wait $!`;
    const shell = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    shell.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const arrives = async (text: string) => {
      const before = output.length;
      while (!output.slice(before).includes(text)) await once(shell.stdout, 'data');
    };
    const kill = (signal: NodeJS.Signals) => process.kill(Number(/process (\d+)/.exec(output)![1]), signal);
    onTestFinished(() => {
      if (shell.exitCode === null) kill('SIGKILL');
    });
    await arrives(': step ');
    return { shell, kill, output: () => output, step: () => arrives(': step ') };
  };

  test('saves a checkpoint and ends', async () => {
    const { shell, kill, output } = await train('');
    kill('SIGHUP');
    expect(await once(shell, 'close')).toEqual([129, null]);
    expect(output()).toMatch(/\ninterrupted at step \d+, checkpoint saved: /);
  });

  test('goes on under nohup, and ends on Ctrl-C', async () => {
    const { shell, kill, step, output } = await train('nohup');
    kill('SIGHUP');
    for (let steps = 0; steps < 3; steps++) await step();
    expect(output()).not.toContain('interrupted');
    kill('SIGINT');
    expect(await once(shell, 'close')).toEqual([130, null]);
    expect(output()).toMatch(/\ninterrupted at step \d+, checkpoint saved: /);
  });
});
