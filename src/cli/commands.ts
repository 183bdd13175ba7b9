import type { Command } from './command.ts';
import { benchCommand } from './commands/bench.ts';
import { completionCommand } from './commands/completion.ts';
import { demoCommand } from './commands/demo.ts';
import { evalCommand } from './commands/eval.ts';
import { inspectCommand } from './commands/inspect.ts';
import { predictCommand } from './commands/predict.ts';
import { reportCommand } from './commands/report.ts';
import { sensitivityCommand } from './commands/sensitivity.ts';
import { stripCommand } from './commands/strip.ts';
import { sweepCommand } from './commands/sweep.ts';
import { trainCommand } from './commands/train.ts';

/** All commands, in the order of the help text. */
export const COMMANDS: readonly Command[] = [
  trainCommand,
  evalCommand,
  stripCommand,
  inspectCommand,
  predictCommand,
  benchCommand,
  sensitivityCommand,
  sweepCommand,
  reportCommand,
  demoCommand,
  completionCommand(() => COMMANDS),
];
