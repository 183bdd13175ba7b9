import { closest, distance } from 'fastest-levenshtein';
import { UserError } from '../errors.ts';
import { type Command, flagsOf, operandTerm } from './command.ts';
import type { Flag } from './flag.ts';
import { manifest } from './manifest.ts';

const FLAG = /^--?(?<name>[a-z][\w-]*)(?:=(?<value>.*))?$/is;
/** All arguments after it are operands, even those that begin with `-`. */
const END_OF_FLAGS = '--';
const HELP_FLAGS = new Set(['--help', '-help', '-h']);
const VERSION_FLAGS = new Set(['--version', '-version', '-V']);

/**
 * Rewrites a command line in the spellings of absl's flags (`--train-dir x`, `-train_dir=x`, `--run_once`,
 * `--norun_once`) into the one spelling that commander parses: the command's name, then `--name=value` for every flag,
 * then `--` and the operands.
 *
 * @param argv what follows the program's name
 * @throws UserError `usage` on an unknown command or flag (the hint names the nearest one), on a flag without its value,
 *   on a missing operand, and on an operand that the command does not take
 */
export function normalizeArgv(argv: readonly string[], commands: readonly Command[]): string[] {
  const [first = '--help', ...rest] = argv;
  if (VERSION_FLAGS.has(first)) return ['--version'];
  if (first === 'help' || HELP_FLAGS.has(first)) {
    const [topic] = rest;
    return topic === undefined ? ['--help'] : [findCommand(topic, commands).name, '--help'];
  }
  const command = findCommand(first, commands);
  return [command.name, ...normalizeArguments(rest, command, commands)];
}

function findCommand(name: string, commands: readonly Command[]): Command {
  const command = commands.find((one) => one.name === name || one.alias === name);
  if (command) return command;
  const expected = `expected a command first: ${commands.map((one) => one.name).join(', ')}`;
  if (name.startsWith('-')) throw usageError(`${name} stands before a command, ${expected}`, seeHelp());
  const names = commands.flatMap((one) => [one.name, ...(one.alias ? [one.alias] : [])]);
  throw usageError(`unknown command ${name}, ${expected}`, didYouMean(name, names) ?? seeHelp());
}

function normalizeArguments(
  args: readonly string[],
  command: Command,
  commands: readonly Command[],
): string[] {
  const end = command.operand ? args.indexOf(END_OF_FLAGS) : -1;
  const [before, behind] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  if (before.some((arg) => HELP_FLAGS.has(arg))) return ['--help'];
  const { flags, operands } = normalizeFlags(before, command, commands);
  operands.push(...behind);
  checkOperands(operands, command);
  return operands.length === 0 ? flags : [...flags, END_OF_FLAGS, ...operands];
}

function normalizeFlags(args: readonly string[], command: Command, commands: readonly Command[]) {
  const normalized: string[] = [];
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const groups = FLAG.exec(arg)?.groups;
    if (!groups) {
      if (!command.operand) throw unexpectedArgument(arg, args[i - 1], command);
      operands.push(arg);
      continue;
    }
    const spelled = groups.name!.replaceAll('-', '_');
    const { name, flag, negated } =
      findFlag(spelled, command) ?? unknownFlag(arg, spelled, command, commands);

    let value = groups.value;
    if (negated) {
      if (value !== undefined)
        throw usageError(`${arg}: a negated flag takes no value`, `Write --${name}=${value} instead.`);
      value = 'false';
    } else if (flag.toggle) value ??= 'true';
    else if (value === undefined) {
      value = args[++i];
      if (value === undefined || isFlag(value)) throw missingValue(name, flag, value);
    }
    normalized.push(`--${name}=${value}`);
  }
  return { flags: normalized, operands };
}

function checkOperands(operands: readonly string[], command: Command): void {
  const { operand } = command;
  if (!operand) return;
  const term = operandTerm(operand);
  if (operands.length === 0)
    throw usageError(`${command.name} needs ${term}: ${operand.doc}`, seeHelp(command));
  if (operands.length > 1 && !operand.many)
    throw usageError(`unexpected argument "${operands[1]}", expected one ${term} only`, seeHelp(command));
}

interface FoundFlag {
  readonly name: string;
  readonly flag: Flag;
  readonly negated: boolean;
}

function findFlag(spelled: string, command: Command): FoundFlag | undefined {
  const flags = Object.entries(flagsOf(command));
  const find = (wanted: string) => flags.find(([name, { alias }]) => name === wanted || alias === wanted);
  const exact = find(spelled);
  if (exact) return { name: exact[0], flag: exact[1], negated: false };
  const positive = find(spelled.replace(/^no_?/, ''));
  return positive?.[1].toggle ? { name: positive[0], flag: positive[1], negated: true } : undefined;
}

/** Whether a text is spelled like a flag. `-1` is not: it is a value. */
function isFlag(text: string): boolean {
  return FLAG.test(text);
}

function unknownFlag(arg: string, spelled: string, command: Command, commands: readonly Command[]): never {
  const owners = commands.filter((other) => findFlag(spelled, other)).map((other) => other.name);
  const given = arg.split('=', 1)[0];
  const hint = owners.length
    ? `Give ${given} to ${owners.join(' or ')} instead.`
    : (didYouMean(spelled, Object.keys(flagsOf(command)), '--') ?? seeHelp(command));
  throw usageError(`${command.name} has no flag ${given}`, hint);
}

function missingValue(name: string, flag: Flag, next: string | undefined): UserError {
  const instead = next === undefined ? 'is the last argument' : `is followed by ${next}`;
  const message = `--${name} ${instead}, expected its value: ${flag.expected}`;
  return usageError(message, `Write --${name}=${flag.placeholder} instead.`);
}

function unexpectedArgument(arg: string, previous: string | undefined, command: Command): UserError {
  const before = previous === undefined ? undefined : findFlag(previous.replace(/^--?/, ''), command);
  const hint = before?.flag.toggle ? `Write --${before.name}=${arg} instead.` : seeHelp(command);
  return usageError(`unexpected argument "${arg}", expected a flag such as --name=value`, hint);
}

function didYouMean(given: string, known: readonly string[], prefix = ''): string | undefined {
  const nearest = closest(given, known);
  return distance(given, nearest) <= nearest.length / 2 ? `Did you mean ${prefix}${nearest}?` : undefined;
}

function seeHelp(command?: Command): string {
  return `See ${[manifest.name, command?.name, '--help'].filter(Boolean).join(' ')}.`;
}

function usageError(message: string, hint: string): UserError {
  return new UserError('usage', message, hint);
}
