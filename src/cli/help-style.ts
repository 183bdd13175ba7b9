import { styleText } from 'node:util';
import type { Argument, Help } from 'commander';
import { operandTerm } from './command.ts';
import { HelpLayout } from './help-layout.ts';
import { manifest } from './manifest.ts';

/** How commander writes help. */
export const HELP_STYLE: Partial<Help> = {
  commandUsage: (command) => {
    const words = command.parent
      ? [command.name(), ...command.registeredArguments.map(argumentTerm)]
      : ['COMMAND'];
    return [manifest.name, ...words, '[--flag=value ...]'].join(' ');
  },
  argumentTerm,
  subcommandTerm: (command) => [command.name(), ...command.aliases()].join(', '),
  optionTerm: ({ flags }) =>
    flags
      .replace(/^--(\w+) \[BOOL\]$/, '--[no]$1')
      .replace(/ \[(.*)\]$/, '[=$1]')
      .replace(/ <(.*)>$/, '=$1'),
  optionDescription: ({ description }) => description,
  // commander removes the colours if the output shows none.
  styleTitle: (title) => styleText('bold', title, { validateStream: false }),
  formatItem: (term, termWidth, description, { helpWidth }) =>
    new HelpLayout(helpWidth!).item(term, termWidth, description),
};

function argumentTerm(argument: Argument): string {
  return operandTerm({ placeholder: argument.name(), many: argument.variadic });
}
