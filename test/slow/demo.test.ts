import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCaptured } from '../cli/capture.ts';

test('the demo ends 90% sparse, far above chance, with a frozen graph as good as its checkpoint', async () => {
  const dir = join(await mkdtemp(join(tmpdir(), 'demo-')), 'run');
  const { code, stdout } = await runCaptured(['demo', `--out_dir=${dir}`], COMMANDS);
  expect(code).toBe(0);
  const rows = stdout.split('\n').filter((line) => /^│ (checkpoint|frozen)/.test(line));
  const cells = rows.map((row) => row.split('│').map((cell) => cell.trim()));
  expect(cells.map(([, name, sparsity]) => [name, sparsity])).toEqual([
    ['checkpoint, moving averages', '90.0%'],
    ['checkpoint, raw weights', '90.0%'],
    ['frozen graph', '90.0%'],
  ]);
  const [averaged, raw, frozen] = cells.map(([, , , accuracy]) => Number.parseFloat(accuracy!));
  expect(averaged).toBeGreaterThan(50);
  expect(frozen).toBe(raw);
  expect(frozen).toBeGreaterThan(50);
  expect(stdout).toContain(`tensorboard --logdir=${dir}`);
});
