import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { train } from '../../src/train/index.ts';
import { fewPictures, noting, trainOptions } from '../train/run.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** The picture in the README is made of such a folder: that of a sweep. */
const LOGDIR = process.env.TENSORBOARD_LOGDIR;
const PICTURE = process.env.TENSORBOARD_PICTURE;
const TAGS = ['conv1', 'conv2'].map((layer) => `p_summaries/${layer}/mask/sparsity`);

/** Needs a Chromium: Debian's, or the one that CHROMIUM names, which must be there. */
describe.skipIf(!process.env.CHROMIUM && !existsSync(CHROMIUM))('TensorBoard in a browser', () => {
  let folder: string;
  let board: ChildProcess;
  let browser: Browser;
  let address: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tensorboard-page-'));
    if (LOGDIR === undefined) await trainRun(join(folder, 'run'));
    const port = await freePort();
    const program = join(dirname(inject('python')), 'tensorboard');
    const flags = [`--logdir=${LOGDIR ?? folder}`, `--port=${port}`, '--load_fast=false'];
    board = spawn(program, flags, { stdio: 'ignore' });
    address = `http://localhost:${port}/`;
    await answers(address);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    board?.kill();
    await rm(folder, { recursive: true });
  });

  async function open(page: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 600 } });
    const opened = await context.newPage();
    await opened.goto(`${address}?smoothing=0&darkMode=false&${page}`);
    return opened;
  }

  test('shows how sparsity climbs', async () => {
    const page = await open('tagFilter=conv[12]/mask/sparsity#timeseries');
    const cards = page.locator('metrics-filtered-view card-view');
    await expect.poll(() => cards.count(), { timeout: 60_000 }).toBe(2);
    await page.getByLabel('Toggle settings side pane').click();
    await expect.poll(() => cards.first().innerText(), { timeout: 60_000 }).toMatch(/Step/);
    if (PICTURE !== undefined) {
      await pause(2000);
      await page.screenshot({ path: PICTURE });
    }
    if (LOGDIR !== undefined) return;
    const shown = (await cards.allInnerTexts()).map((text) => text.replaceAll('\n', ' '));
    for (const [index, tag] of TAGS.entries()) {
      expect(shown[index]!.replace(' /sparsity', '/sparsity')).toContain(tag);
      // Run, value and step at the end of the curve.
      expect(shown[index]).toMatch(/run\s+0\.9\s+6\s/);
    }
  });
});

async function trainRun(trainDir: string): Promise<void> {
  const hparams =
    'name=p,initial_sparsity=0.3,target_sparsity=0.9,pruning_frequency=1,sparsity_function_end_step=5';
  const options = trainOptions({
    trainDir,
    settings: { batch_size: 2, pruning_hparams: hparams },
    dataDir: await fewPictures(),
    maxSteps: 6,
    saveSummariesSteps: 1,
  });
  await train(options, noting());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(address: string): Promise<void> {
  for (let left = 120; left > 0; left--) {
    const isThere = await fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    await pause(500);
  }
  throw new Error('TensorBoard does not answer within a minute');
}
