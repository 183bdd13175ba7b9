import { resolve } from 'node:path';
import { defaultValues, type FlagGroups } from './flag.ts';

export type FlagsGiven = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[] | undefined>
>;

/** The words that start this program again: Node, its options and the script. */
export function programWords(): string[] {
  return [process.execPath, ...process.execArgv, resolve(process.argv[1]!)];
}

/** A command of this program as a user types it; flags that are undefined or false are left out. */
export function commandLine(command: string, flags: FlagsGiven, ...operands: readonly string[]): string {
  const words = Object.entries(flags)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? `--${name}` : `--${name}=${quoted(String(value))}`));
  return ['cifar10-prune', command, ...operands.map(quoted), ...words].join(' ');
}

export const tensorboardCommand = (logdir: string) => `tensorboard --logdir=${quoted(logdir)}`;

/** The flags whose values are not their defaults. */
export function notAtDefault<Values extends object>(groups: FlagGroups, values: Values): Partial<Values> {
  const defaults: Readonly<Record<string, unknown>> = defaultValues(groups);
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== defaults[name]),
  ) as Partial<Values>;
}

/** A word as one typed into a shell: in single quotes if the shell would split or expand it. */
export function quoted(word: string): string {
  return /^[\w./:=,+@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Commands under a heading, at the end of what a command prints. */
export function nextCommands(heading: string, commands: readonly string[]): string {
  return [heading, ...commands.map((command) => `  ${command}`)].join('\n');
}
