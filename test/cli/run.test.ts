import { mkdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { type Command, defineCommand } from '../../src/cli/command.ts';
import { integer, list, required, text, toggle } from '../../src/cli/flag.ts';
import { Interrupted } from '../../src/cli/interruption.ts';
import { UserError } from '../../src/errors.ts';
import { runCaptured } from './capture.ts';

/** A command that does `act` with the values of its flags. */
function fakeCommand(act: (flags: unknown) => unknown): Command {
  return defineCommand({
    name: 'fake',
    alias: 'fake_command',
    summary: 'Does nothing',
    flags: {
      Required: { names: required(list({ default: [], doc: 'Some names' })) },
      Optional: {
        steps: integer({ default: 10, min: 1, doc: 'Some steps' }),
        limit: integer({ default: undefined, doc: 'Some limit' }),
        note: text({ default: '', doc: 'Some text', alias: 'remark' }),
        raw: toggle('Some choice'),
      },
    },
    footer: () => 'What follows the flags',
    examples: ['cifar10-prune fake --names=a,b'],
    run: async (flags) => void (await act(flags)),
  });
}

const runFake = (line: string, act: (flags: unknown) => unknown = () => {}) =>
  runCaptured(line.split(' ').filter(Boolean), [fakeCommand(act)]);

test('a command gets the values of its flags, defaults included', async () => {
  const calls: unknown[] = [];
  const outcome = await runFake('fake_command --names a,b --raw --steps=3 --remark=x --steps=4', (flags) =>
    calls.push(flags),
  );
  expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(calls).toEqual([{ names: ['a', 'b'], steps: 4, limit: undefined, note: 'x', raw: true }]);

  await runFake('fake --names=c', (flags) => calls.push(flags));
  expect(calls[1]).toEqual({ names: ['c'], steps: 10, limit: undefined, note: '', raw: false });
});

test('a command gets its operands as they are given, and shows them in its help', async () => {
  const runShow = async (...argv: string[]) => {
    const calls: unknown[] = [];
    const show = defineCommand({
      name: 'show',
      summary: 'Shows files',
      operand: { placeholder: 'FILE', many: true, doc: 'Files to show' },
      flags: { Output: { raw: toggle('Some choice') } },
      examples: [],
      run: async (flags, _, operands) => void calls.push(flags, operands),
    });
    return { ...(await runCaptured(['show', ...argv], [show])), calls };
  };
  expect(await runShow('a b', '--raw', '', '--', '--c', '--')).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
    calls: [{ raw: true }, ['a b', '', '--c', '--']],
  });

  const { stdout } = await runShow('-h');
  expect(stdout).toMatch(/^Usage: cifar10-prune show FILE\.\.\. \[--flag=value \.\.\.\]\n/);
  expect(stdout).toMatch(/Arguments:\n +FILE\.\.\. +Files to show\n/);
});

test.each([
  ['fake', '--names=NAMES: Some names'],
  ['fake --names=a,', '--names=a,: expected texts between commas'],
  ['fake --names=a --steps=0', '--steps=0: expected an integer >= 1'],
  ['fake --names=a --limit=', '--limit=: expected an integer'],
  ['fake --names=a --raw=maybe', '--raw=maybe: expected true or false'],
  ['fake --nmaes=a', 'fake has no flag --nmaes'],
  ['fkae', 'unknown command fkae'],
])('%s: exit code 2', async (line, message) => {
  const { code, stdout, stderr } = await runFake(line, () => expect.unreachable());
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error: .*\nhint: .*\n$/);
  expect(stderr).toContain(message);
});

test('help lists the commands, and of a command its flags under their headings', async () => {
  const program = await runFake('');
  expect(program).toMatchObject({ code: 0, stderr: '' });
  expect(program.stdout).toContain('Usage: cifar10-prune COMMAND');
  expect(program.stdout).toMatch(/Commands:\n +fake, fake_command +Does nothing\n/);

  const { code, stdout, stderr } = await runFake('fake --help', () => expect.unreachable());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/Required:\n +--names=NAMES +Some names \(required\)\n/);
  expect(stdout).toMatch(/Optional:\n +--steps=N +Some steps \(default: 10\)\n +--limit=N +Some limit\n/);
  expect(stdout).toMatch(/ --note=TEXT +Some text \(also --remark\)\n +--\[no\]raw +Some choice\n/);
  expect(stdout).toMatch(/What follows the flags\nExamples:\n {2}cifar10-prune fake --names=a,b\n$/);
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(await runFake('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

const fail = (error: unknown) =>
  runFake('fake --names=a', () => {
    throw error;
  });

test("a user's error is its message and its hint", async () => {
  expect(await fail(new UserError('dataset', 'no such folder', 'make one'))).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: no such folder\nhint: make one\n',
  });
});

test("the file system's errors are told in words", async () => {
  const { code, stderr } = await runFake('fake --names=a', () => mkdir('/dev/null/folder'));
  expect(code).toBe(1);
  expect(stderr).toBe(
    'error: cannot create /dev/null/folder: a part of the path is a file, expected a folder\nhint: Choose another path.\n',
  );
});

test('any other error is a bug, printed whole', async () => {
  const { code, stderr } = await fail(
    new TypeError('x is not a function', { cause: new Error('the cause') }),
  );
  expect(code).toBe(1);
  expect(stderr).toContain('TypeError: x is not a function');
  expect(stderr).toContain('run.test.ts');
  expect(stderr).toContain('the cause');
  expect(stderr).toContain('This is a bug in cifar10-prune');
});

test('an interruption ends quietly with 128 and the number of the signal', async () => {
  expect(await fail(new Interrupted('SIGINT'))).toEqual({ code: 130, stdout: '', stderr: '' });
  expect((await fail(new Interrupted('SIGTERM'))).code).toBe(128 + constants.signals.SIGTERM);
});
