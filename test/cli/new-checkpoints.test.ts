import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { Interrupted } from '../../src/cli/interruption.ts';
import { newCheckpoints } from '../../src/cli/new-checkpoints.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';

/** What is found, as prefixes and problems. */
function watch(dir: string) {
  const interruption = new AbortController();
  const problems: string[] = [];
  const found = newCheckpoints(dir, 0.001, interruption.signal, (problem) => problems.push(problem));
  const next = async () => {
    const { value } = await found.next();
    return value?.prefix;
  };
  return { next, problems, interrupt: () => interruption.abort(new Interrupted('SIGINT')) };
}

test('gives each newest checkpoint once, until it is interrupted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'new-checkpoints-'));
  const { next, problems, interrupt } = watch(dir);

  const first = next();
  const prefix = await writeCheckpoint(dir, 10);
  expect(await first).toBe(prefix);
  expect(problems[0]).toBe(`${dir} holds no checkpoint yet`);

  const second = next();
  expect(await Promise.race([second, pause(50, 'nothing')])).toBe('nothing');
  const newer = await writeCheckpoint(dir, 20);
  expect(await second).toBe(newer);

  const third = next();
  interrupt();
  await expect(third).rejects.toBeInstanceOf(Interrupted);
});

test('gives a checkpoint again that is written anew, and waits where one is named that is not there', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'new-checkpoints-'));
  const { next, problems, interrupt } = watch(dir);
  const prefix = await writeCheckpoint(dir, 10);
  expect(await next()).toBe(prefix);

  await rm(`${prefix}.index`);
  const again = next();
  await vi.waitFor(() => expect(problems).toContainEqual(expect.stringContaining('is not there')));
  await writeCheckpoint(dir, 10);
  expect(await again).toBe(prefix);

  const third = next();
  interrupt();
  await expect(third).rejects.toBeInstanceOf(Interrupted);
});
