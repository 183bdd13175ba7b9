import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventWriter, scalar } from '../../src/summary/index.ts';
import { readEvents } from './read-events.ts';

const NOW = 1700000000.25;
const options = { clock: () => NOW, host: 'box' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-writer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the event file', () => {
  it('is byte for byte what TensorFlow writes', () => {
    const writer = new EventWriter(folder, options);
    writer.add(7, [scalar('loss', 0.5)]);
    writer.addSessionStart(8);
    writer.addCheckpoint(9, 'model.ckpt-9');
    writer.close();
    expect(readFileSync(writer.path).toString('hex')).toBe(
      // tf.io.TFRecordWriter with the same tf.compat.v1.Event messages
      '1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9' +
        '1a00000000000000129bd82d0900001040fc54d94110072a0d0a0b0a046c6f7373150000003ff8ed4b36' +
        '0f000000000000006d532b090900001040fc54d94110083a020801ed76c781' +
        '1d00000000000000602fdf230900001040fc54d94110093a100803120c6d6f64656c2e636b70742d396fc2ce01',
    );
  });

  it('is named by time and host, in a folder made for it', () => {
    const writer = new EventWriter(join(folder, 'runs', 'a'), { ...options, suffix: '.eval' });
    writer.close();
    expect(writer.path).toBe(join(folder, 'runs', 'a', 'events.out.tfevents.1700000000.box.eval'));
    const early = new EventWriter(join(folder, 'runs', 'b'), { ...options, clock: () => 12.9 });
    early.close();
    expect(early.path).toBe(join(folder, 'runs', 'b', 'events.out.tfevents.0000000012.box'));
  });

  it('sorts after all that were there, and leaves them alone', () => {
    mkdirSync(join(folder, 'events.d'));
    const others = ['events.out.tfevents.1700000000.box', 'events.out.tfevents.1700000009.a', 'x.1800000000'];
    for (const name of others) writeFileSync(join(folder, name), 'not ours');
    const paths = [1, 2].map(() => {
      const writer = new EventWriter(folder, options);
      writer.close();
      return writer.path;
    });
    expect(paths).toEqual([
      join(folder, 'events.out.tfevents.1700000010.box'),
      join(folder, 'events.out.tfevents.1700000011.box'),
    ]);
    for (const name of others) expect(readFileSync(join(folder, name), 'utf8')).toBe('not ours');
  });

  it('holds each event as soon as it is added', () => {
    const writer = new EventWriter(folder, options);
    expect(readEvents(writer.path).map(({ what }) => what.case)).toEqual(['fileVersion']);
    writer.add(1, [scalar('a', 1), scalar('b', 2)]);
    writer.addGraph(Uint8Array.of(10, 0));
    writer.addSessionStop(3);
    const events = readEvents(writer.path);
    writer.flush();
    writer.close();
    writer.close();
    expect(events.map(({ step, what }) => [step, what.case])).toEqual([
      [0n, 'fileVersion'],
      [1n, 'summary'],
      [0n, 'graphDef'],
      [3n, 'sessionLog'],
    ]);
    expect(events[2]!.what.value).toEqual(Buffer.of(10, 0));
  });

  it('is in place until its name is gone, or is that of another file', () => {
    const writer = new EventWriter(folder, options);
    expect(writer.isInPlace()).toBe(true);
    rmSync(writer.path);
    expect(writer.isInPlace()).toBe(false);
    writeFileSync(writer.path, 'not ours');
    expect(writer.isInPlace()).toBe(false);
    writer.close();
  });

  it('has the time of day where no clock is given', () => {
    const before = Date.now() / 1000;
    const writer = new EventWriter(folder, { host: 'box' });
    writer.close();
    const after = Date.now() / 1000;
    const [event] = readEvents(writer.path);
    expect(event!.wallTime).toBeGreaterThanOrEqual(before);
    expect(event!.wallTime).toBeLessThanOrEqual(after);
  });

  it('keeps whole records when the disk is full', () => {
    // The limit on a file's size, in blocks of 512 or 1024 bytes, stands for a full disk.
    const script = `
      import { EventWriter, text } from '${join(import.meta.dirname, '../../src/summary/index.ts')}';
      const writer = new EventWriter(${JSON.stringify(folder)}, { host: 'box', clock: () => 1 });
      writer.add(1, [text('small', 'x')]);
      try { writer.add(2, [text('large', 'x'.repeat(5000))]); } catch (error) { console.log(error.name, error.code, error.message); }
      writer.add(3, [text('small', 'y')]);`;
    const shell = 'trap "" XFSZ; ulimit -f 2; exec "$@"';
    const arguments_ = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', script];
    const output = execFileSync('sh', ['-c', shell, 'sh', ...arguments_], { encoding: 'utf8' });
    expect(output).toMatch(/^UserError file cannot write to .*events\.out\.tfevents\.0000000001\.box: EFBIG/);
    const events = readEvents(join(folder, 'events.out.tfevents.0000000001.box'));
    expect(events.map(({ step }) => step)).toEqual([0n, 1n, 3n]);
  });
});

const badArgument = expect.objectContaining({ name: 'UserError', code: 'argument' });

describe('what is refused', () => {
  it('a logdir that is a file, or lies in one', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'kept');
    for (const logdir of [file, join(file, 'run')]) {
      expect(() => new EventWriter(logdir, options)).toThrow(
        expect.objectContaining({ name: 'UserError', code: 'file' }),
      );
      expect(() => new EventWriter(logdir, options)).toThrow(
        `cannot write event files into ${logdir}: it, or a part of its path, is a file`,
      );
    }
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  it('a logdir that cannot be written', () => {
    for (const logdir of ['/sys/events', '/proc/events', '/sys', '/proc'])
      expect(() => new EventWriter(logdir, options)).toThrow(
        expect.objectContaining({ name: 'UserError', code: 'file' }),
      );
  });

  it('a step that is not an integer', () => {
    const writer = new EventWriter(folder, options);
    expect(() => writer.add(1.5, [])).toThrow('the step of an event is 1.5, expected an integer');
    expect(() => writer.add(Number.NaN, [])).toThrow(badArgument);
    writer.close();
    expect(readEvents(writer.path)).toHaveLength(1);
  });

  it('events after closing', () => {
    const writer = new EventWriter(folder, options);
    writer.close();
    expect(() => writer.add(1, [])).toThrow('has been closed');
    expect(() => writer.add(1, [])).toThrow(badArgument);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});
