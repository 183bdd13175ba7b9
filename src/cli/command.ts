import type { Context } from './context.ts';
import type { Flag, FlagGroups, FlagValues } from './flag.ts';
import type { HelpLayout } from './help-layout.ts';

/** An argument of a command that is not a flag, such as `IMAGE...`. It must be given at least once. */
export interface Operand {
  /** Stands for the operand in help texts. */
  readonly placeholder: string;
  /** Whether several may be given. */
  readonly many: boolean;
  readonly doc: string;
  /** What a shell completes the operand with; paths by default. */
  readonly completion?: Flag['completion'];
}

/** A command as a file in commands/ declares it. `run` imports the modules that are slow to load. */
export interface Command {
  readonly name: string;
  /** The script of TensorFlow that the command replaces, such as `cifar10_train`. */
  readonly alias?: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** If left out, the command takes flags only. */
  readonly operand?: Operand;
  readonly flags: FlagGroups;
  readonly examples: readonly string[];
  /** Help text after the flags; ends in an empty line. */
  readonly footer?: (layout: HelpLayout) => string;
  /**
   * @param operands as typed: none without `operand`, exactly one unless `operand.many`
   * @throws UserError, Interrupted
   */
  run(flags: Readonly<Record<string, unknown>>, context: Context, operands: readonly string[]): Promise<void>;
}

/** Declares a command whose `run` takes the values of its own flags. */
export function defineCommand<const Groups extends FlagGroups>(
  command: Omit<Command, 'flags' | 'run'> & {
    readonly flags: Groups;
    run(flags: FlagValues<Groups>, context: Context, operands: readonly string[]): Promise<void>;
  },
): Command {
  // The values were parsed by these very flags.
  return {
    ...command,
    run: (flags, context, operands) => command.run(flags as FlagValues<Groups>, context, operands),
  };
}

/** An operand as help texts show it: `IMAGE...`. */
export function operandTerm({ placeholder, many }: Pick<Operand, 'placeholder' | 'many'>): string {
  return many ? `${placeholder}...` : placeholder;
}

/** All flags of a command by name, without their headings. */
export function flagsOf({ flags }: Command): Readonly<Record<string, Flag>> {
  return Object.assign({}, ...Object.values(flags));
}
