import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/interruption.ts';
import { newCheckpoints } from '../../src/cli/new-checkpoints.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';

test('gives each newest checkpoint once, until it is interrupted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'new-checkpoints-'));
  const interruption = new AbortController();
  let looks = 0;
  const found = newCheckpoints(dir, 0.001, interruption.signal, () => {
    looks += 1;
  });

  const first = found.next();
  const prefix = await writeCheckpoint(dir, 10);
  expect((await first).value).toBe(prefix);
  expect(looks).toBeGreaterThan(0);

  const second = found.next();
  expect(await Promise.race([second, pause(50, 'nothing')])).toBe('nothing');
  const newer = await writeCheckpoint(dir, 20);
  expect((await second).value).toBe(newer);

  const third = found.next();
  interruption.abort(new Interrupted('SIGINT'));
  await expect(third).rejects.toBeInstanceOf(Interrupted);
});
