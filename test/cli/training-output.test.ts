import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { joinWithin } from '../../src/cli/live-line.ts';
import { describeStep, logLine, trainingOutput } from '../../src/cli/training-output.ts';
import type { StepReport } from '../../src/train/index.ts';
import { capturingContext } from './capture.ts';

const report: StepReport = {
  step: 20,
  maxSteps: 1000,
  loss: 4.655,
  accuracy: 0.25,
  imagesPerSecond: 353.44,
  secondsPerBatch: 0.36216,
  sparsity: 0.8999,
  secondsLeft: 3900,
};

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the log line has the format of the original', () => {
  const time = new Date(2017, 10, 3, 1, 2, 3, 45);
  expect(logLine(time, report)).toBe(
    '2017-11-03 01:02:03.045000: step 20, loss = 4.66 (353.4 examples/sec; 0.362 sec/batch)',
  );
});

test('the live line keeps to one row and drops the least telling parts first', () => {
  const parts = describeStep(report);
  const whole = 'step 20/1000  loss 4.66  accuracy 25.0%  sparsity 90.0%  1h05m left  353 images/s';
  expect(joinWithin(parts, whole.length)).toBe(whole);
  expect(joinWithin(parts, whole.length - 1)).toBe(
    'step 20/1000  loss 4.66  accuracy 25.0%  sparsity 90.0%  1h05m left',
  );
  expect(joinWithin(parts, 15)).toBe('step 20/1000');
  expect(joinWithin(parts, 5)).toBe('');
});

test('without a terminal a log line comes on stdout every logFrequency steps', async () => {
  const { context, stdout, stderr } = capturingContext();
  const output = await trainingOutput(context, { json: false, logFrequency: 10 });
  output.notice('starts at step 0');
  output.warning('prunes nothing');
  for (let step = 1; step <= 25; step++) output.step({ ...report, step });
  output.checkpoint({ step: 25, path: 'model.ckpt-25' });
  output.end();
  expect(stdout()).toMatch(/^[^\n]*: step 10, [^\n]*\n[^\n]*: step 20, [^\n]*\n$/);
  expect(stderr()).toBe('starts at step 0\nwarning: prunes nothing\ncheckpoint saved: model.ckpt-25\n');
});

test('with json stdout stays empty', async () => {
  const { context, stdout, stderr } = capturingContext();
  const output = await trainingOutput(context, { json: true, logFrequency: 10 });
  output.step(report);
  expect(stdout()).toBe('');
  expect(stderr()).toContain('step 20, loss = 4.66');
});

test.each([
  ['only a live line', true, 0],
  ['a live line, and log lines where stdout goes elsewhere', false, 1],
])('a terminal shows %s', async (_, stdoutIsTerminal, logLines) => {
  vi.stubEnv('TERM', 'xterm');
  vi.stubEnv('CI', undefined);
  const terminal = fakeTerminal();
  const { context, stdout } = capturingContext();
  if (stdoutIsTerminal) Object.assign(context.stdout, { isTTY: true });
  const output = await trainingOutput(
    { ...context, stderr: terminal.stream },
    { json: false, logFrequency: 10 },
  );
  output.step(report);
  output.end();
  expect(stripVTControlCharacters(terminal.text())).toContain('step 20/1000  loss 4.66  accuracy 25.0%');
  expect(stdout().split('\n')).toHaveLength(logLines + 1);
});

function fakeTerminal() {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 120,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  });
  stream.on('data', (chunk) => chunks.push(String(chunk)));
  return { stream, text: () => chunks.join('') };
}
