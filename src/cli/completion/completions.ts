import { type Command, flagsOf } from '../command.ts';
import type { Flag } from '../flag.ts';
import { manifest } from '../manifest.ts';

/** A command as shells complete it. */
export interface CompletedCommand {
  readonly name: string;
  /** The program that runs this command alone, such as `cifar10_train`. */
  readonly program: string | undefined;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  readonly operands: Flag['completion'];
}

export interface CompletedFlag {
  readonly name: string;
  readonly toggle: boolean;
  readonly doc: string;
  readonly completion: Flag['completion'];
}

export const PROGRAM = manifest.name;

/** All programs whose words are completed. */
export const programsOf = (commands: readonly CompletedCommand[]) => [
  PROGRAM,
  ...commands.flatMap(({ program }) => program ?? []),
];

/** All commands as shells complete them, in the order of the help text. */
export function completedCommands(commands: readonly Command[]): CompletedCommand[] {
  return commands.map((command) => ({
    name: command.name,
    program: command.alias,
    summary: command.summary,
    flags: Object.entries(flagsOf(command)).map(([name, { toggle, doc, completion }]) => ({
      name,
      toggle,
      doc,
      completion,
    })),
    operands: command.operand && (command.operand.completion ?? 'paths'),
  }));
}

/** A name as part of a function's name in a shell. */
export const identifier = (name: string) => `_${name.replace(/\W/g, '_')}`;
