import type { Context } from './context.ts';
import type { Flag, FlagGroups, FlagValues } from './flag.ts';

/** A command as a file of commands/ declares it; what is heavy is imported only when it runs. */
export interface Command {
  readonly name: string;
  /** The name of the original's script. */
  readonly alias?: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly flags: FlagGroups;
  readonly examples: readonly string[];
  /** Help text behind the flags. */
  readonly footer?: () => string;
  /** @throws UserError, Interrupted */
  run(flags: Readonly<Record<string, unknown>>, context: Context): Promise<void>;
}

/** Declares a command whose `run` takes the values of its own flags. */
export function defineCommand<const Groups extends FlagGroups>(
  command: Omit<Command, 'flags' | 'run'> & {
    readonly flags: Groups;
    run(flags: FlagValues<Groups>, context: Context): Promise<void>;
  },
): Command {
  // The values were parsed by these very flags.
  return { ...command, run: (flags, context) => command.run(flags as FlagValues<Groups>, context) };
}

/** All flags of a command by name, without their headings. */
export function flagsOf({ flags }: Command): Readonly<Record<string, Flag>> {
  return Object.assign({}, ...Object.values(flags));
}
