import type { Context } from './context.ts';
import type { Flag, FlagGroups, FlagValues } from './flag.ts';
import type { HelpLayout } from './help-layout.ts';

/** What a command takes beside its flags: `IMAGE...`. At least one must be given. */
export interface Operand {
  /** Stands for the operand in help texts. */
  readonly placeholder: string;
  /** Whether several may be given. */
  readonly many: boolean;
  readonly doc: string;
  /** As of a flag; paths unless given. */
  readonly completion?: Flag['completion'];
}

/** A command as a file of commands/ declares it; what is heavy is imported only when it runs. */
export interface Command {
  readonly name: string;
  /** The name of the original's script. */
  readonly alias?: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Without it the command takes flags only. */
  readonly operand?: Operand;
  readonly flags: FlagGroups;
  readonly examples: readonly string[];
  /** Help text behind the flags; ends in an empty line. */
  readonly footer?: (layout: HelpLayout) => string;
  /**
   * @param operands as given: none without `operand`, exactly one unless it is `many`
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
