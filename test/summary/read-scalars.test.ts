import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventWriter, histogram, scalar } from '../../src/summary/index.ts';
import { readScalars } from '../../src/summary/read-scalars.ts';
import { MOST_POINTS } from '../../src/summary/scalar-series.ts';
import { encodeRecord } from '../../src/wire/record.ts';

let folder: string;
let time: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scalars-'));
  time = 1_700_000_000;
});
afterEach(() => rm(folder, { recursive: true }));

/** A session that writes the loss at some steps, a second apart, and then ends or is killed. @returns its file */
function session(start: number | undefined, steps: readonly number[], offset = 0): string {
  const writer = new EventWriter(folder, { clock: () => time });
  if (start !== undefined) writer.addSessionStart(start);
  for (const step of steps) {
    time++;
    writer.add(step, [scalar('loss', step + offset), histogram('weights', [1, 2])]);
  }
  writer.close();
  return writer.path;
}

const loss = async () => (await readScalars(folder, ['loss'])).scalars.get('loss');

test('reads the tags that are asked for, and no other', async () => {
  const writer = new EventWriter(folder);
  writer.add(1, [scalar('a', 0.5), scalar('b', 2)]);
  writer.add(2, [scalar('b', Number.NaN)]);
  writer.close();
  const { scalars } = await readScalars(folder, ['b', 'c']);
  expect([...scalars]).toEqual([['b', { steps: [1, 2], values: [2, Number.NaN] }]]);
});

test('a folder without event files, or none at all, has no scalars', async () => {
  const nothing = { scalars: new Map(), seconds: 0 };
  expect(await readScalars(folder, ['loss'])).toEqual(nothing);
  expect(await readScalars(join(folder, 'none'), ['loss'])).toEqual(nothing);
});

describe('several sessions', () => {
  test('are read in the order of their files; each drops what was written at its first step and beyond', async () => {
    session(1, [1, 2, 3, 4, 5]);
    session(4, [4, 5], 100);
    session(6, [6], 200);
    expect(await loss()).toEqual({ steps: [1, 2, 3, 4, 5, 6], values: [1, 2, 3, 104, 105, 206] });
  });

  test('last from their first to their last event, without the time between them', async () => {
    session(1, [1, 2, 3]);
    time += 1000;
    session(3, [3, 4]);
    expect((await readScalars(folder, [])).seconds).toBe(5);
  });

  test('in one file count apart', async () => {
    const writer = new EventWriter(folder, { clock: () => time });
    for (const step of [1, 2]) {
      time += 1000;
      writer.addSessionStart(step);
      time += 3;
      writer.add(step, [scalar('loss', step)]);
    }
    writer.close();
    expect((await readScalars(folder, [])).seconds).toBe(6);
  });
});

test('a file cut anywhere tells what is whole', async () => {
  const path = session(1, [1, 2]);
  const { length } = await readFile(path);
  for (let end = length - 1; end > length - 80; end -= 7) {
    await truncate(path, end);
    expect(await loss()).toEqual({ steps: [1], values: [1] });
  }
  session(2, [2], 100);
  expect(await loss()).toEqual({ steps: [1, 2], values: [1, 102] });
});

test('of very many values a part is kept, evenly, with the first and the last', async () => {
  const writer = new EventWriter(folder);
  const count = 5 * MOST_POINTS + 3;
  for (let step = 1; step <= count; step++) writer.add(step, [scalar('loss', step)]);
  writer.close();
  const { steps, values } = (await loss())!;
  expect(values).toEqual(steps);
  expect(steps.length).toBeLessThanOrEqual(MOST_POINTS + 1);
  expect(steps.length).toBeGreaterThan(MOST_POINTS / 2);
  expect([steps[0], steps.at(-1)]).toEqual([1, count]);
  const gaps = new Set(steps.slice(1, -1).map((step, index) => step - steps[index]!));
  expect([...gaps]).toEqual([8]);
  session(101, [101], -1);
  expect((await loss())!.steps.at(-2)).toBeLessThan(101);
  expect((await loss())!.values.at(-1)).toBe(100);
});

describe('damage is told in one line, with file and place', () => {
  test('a changed byte', async () => {
    const path = session(1, [1]);
    const bytes = await readFile(path);
    bytes[bytes.length - 10]! ^= 1;
    await writeFile(path, bytes);
    await expect(loss()).rejects.toMatchObject({
      name: 'UserError',
      code: 'file',
      message: expect.stringMatching(
        /^\/.*\/events\.out\.tfevents\.\S+: the record at byte \d+ is corrupt: its checksum does not match$/,
      ),
      hint: 'Move the file away to continue without its values.',
    });
  });

  test('a record that is not an event', async () => {
    const path = session(undefined, [1]);
    await appendFile(path, encodeRecord(new Uint8Array([0xff, 0xff])));
    await expect(loss()).rejects.toThrow(`${path}: record 2 is not an event`);
  });

  test('a record longer than any', async () => {
    const path = session(undefined, [1]);
    const { length } = await readFile(path);
    const huge = encodeRecord(new Uint8Array(2 ** 28));
    await appendFile(path, huge.subarray(0, 1000));
    await expect(loss()).rejects.toThrow(
      `${path}: the record at byte ${length} has ${huge.length} bytes, expected at most ${2 ** 28}`,
    );
  });
});
