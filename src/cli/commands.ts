import type { Command } from './command.ts';
import { trainCommand } from './commands/train.ts';

/** In the order of the help text. */
export const COMMANDS: readonly Command[] = [trainCommand];
