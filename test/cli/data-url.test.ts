import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCaptured } from './capture.ts';
import { writeData } from './data-fixture.ts';

test("a mirror's password is kept nowhere, nor shown", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'data-url-'));
  const url = '--data_url=http://user:secret@127.0.0.1:1/cifar/';
  const flags = [`--train_dir=${dir}`, url, '--batch_size=4', '--max_steps=1'];
  const { code } = await runCaptured(['train', ...flags, `--data_dir=${await writeData()}`], COMMANDS);
  expect(code).toBe(0);
  let kept = '';
  for (const name of await readdir(dir)) kept += await readFile(join(dir, name), 'latin1');
  expect(kept).toContain('http://127.0.0.1:1/cifar/');
  expect(kept).not.toContain('secret');

  const failed = await runCaptured(['train', ...flags, `--data_dir=${join(dir, 'data')}`], COMMANDS);
  expect(failed.stderr).toMatch(
    /error: .*cannot download http:\/\/127\.0\.0\.1:1\/cifar\/cifar-10-binary.tar.gz: /,
  );
  expect(failed.stderr).not.toMatch(/secret|user/);

  const ftp = await runCaptured(
    ['train', ...flags, `--data_dir=${join(dir, 'data')}`, '--data_url=ftp://user:secret@host/'],
    COMMANDS,
  );
  expect(ftp.stderr).toContain('error: ');
  expect(ftp.stderr).not.toMatch(/secret/);
});
