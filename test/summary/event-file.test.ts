import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EventWriter, scalar } from '../../src/summary/index.ts';
import { readEvents } from './read-events.ts';

/** What another process does just before a folder is made, and just after one has been listed. */
let beforeMaking: ((path: string) => void) | undefined;
let afterListing: (() => void) | undefined;
let syncs = 0;
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    mkdirSync: (path: string) => {
      beforeMaking?.(path);
      return fs.mkdirSync(path);
    },
    readdirSync: (path: string) => {
      const names = fs.readdirSync(path);
      afterListing?.();
      afterListing = undefined;
      return names;
    },
    fsyncSync: (descriptor: number) => {
      syncs += 1;
      fs.fsyncSync(descriptor);
    },
  };
});
const { mkdirSync } = await vi.importActual<typeof import('node:fs')>('node:fs');

const options = { clock: () => 1700000000, host: 'box' };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-file-'));
  beforeMaking = undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a folder that another process has just made is taken', () => {
  beforeMaking = mkdirSync;
  const writer = new EventWriter(join(folder, 'runs', 'a'), options);
  writer.close();
  expect(readEvents(writer.path)).toHaveLength(1);
});

it('a file that another process has just made is left alone, and another name taken', () => {
  const taken = join(folder, 'events.out.tfevents.1700000000.box');
  afterListing = () => writeFileSync(taken, '');
  const writer = new EventWriter(folder, options);
  writer.close();
  expect(writer.path).toBe(join(folder, 'events.out.tfevents.1700000001.box'));
  expect(readEvents(taken)).toEqual([]);
});

it('flushing and closing wait for the disk', () => {
  syncs = 0;
  const writer = new EventWriter(folder, options);
  writer.add(1, [scalar('a', 1)]);
  expect(syncs).toBe(0);
  writer.flush();
  expect(syncs).toBe(1);
  writer.close();
  expect(syncs).toBe(2);
});
