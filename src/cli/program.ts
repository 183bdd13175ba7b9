import { styleText } from 'node:util';
import { Argument, Command as CommanderCommand, type Help, Option } from 'commander';
import { UserError } from '../errors.ts';
import { type Command, flagsOf, operandTerm } from './command.ts';
import type { Context } from './context.ts';
import type { Flag } from './flag.ts';
import { manifest } from './manifest.ts';

/** Tells commander of the commands. What it parses must have been rewritten by `normalizeArgv`. */
export function buildProgram(commands: readonly Command[], context: Context): CommanderCommand {
  const program = new CommanderCommand(manifest.name)
    .description(manifest.description)
    .version(manifest.version, '--version', 'Print the version')
    .addHelpOption(new Option('-h, --help', 'Print this help').helpGroup('Help:'))
    .helpCommand(false)
    .configureHelp(HELP_STYLE)
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getOutHasColors: () => styleText('bold', '', { stream: context.stdout }) !== '',
    })
    .exitOverride()
    .addHelpText('after', `\nFlags and examples of a command: ${manifest.name} COMMAND --help`);
  for (const command of commands) {
    program.addCommand(buildCommand(command, context).copyInheritedSettings(program));
  }
  return program;
}

const HELP_STYLE: Partial<Help> = {
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
  // commander takes the colours away where the output has none.
  styleTitle: (title) => styleText('bold', title, { validateStream: false }),
};

function argumentTerm(argument: Argument): string {
  return operandTerm({ placeholder: argument.name(), many: argument.variadic });
}

function buildCommand(command: Command, context: Context): CommanderCommand {
  const built = new CommanderCommand(command.name)
    .summary(command.summary)
    .description(command.summary)
    .action(() => {
      const values = built.opts();
      checkRequired(command, values);
      return command.run(values, context, built.args);
    });
  if (command.operand)
    built.addArgument(new Argument(`<${operandTerm(command.operand)}>`, command.operand.doc));
  if (command.alias) built.alias(command.alias);
  for (const [heading, flags] of Object.entries(command.flags)) {
    for (const [name, flag] of Object.entries(flags)) {
      built.addOption(buildOption(name, flag, command).helpGroup(`${heading}:`));
    }
  }
  const footer = [
    ...(command.footer ? [command.footer()] : []),
    'Examples:',
    ...command.examples.map((line) => `  ${line}`),
  ];
  return built.addHelpText('after', `\n${footer.join('\n')}`);
}

function buildOption(name: string, flag: Flag, command: Command): Option {
  const flags = `--${name} ${flag.toggle ? `[${flag.placeholder || 'BOOL'}]` : `<${flag.placeholder}>`}`;
  return new Option(flags, describe(flag)).default(flag.default).argParser((text) => {
    const value = flag.parse(text);
    if (value !== undefined) return value;
    throw new UserError(
      'usage',
      `--${name}=${text}: expected ${flag.expected}`,
      `see ${manifest.name} ${command.name} --help`,
    );
  });
}

function describe(flag: Flag): string {
  const fallback = String(flag.default ?? '');
  return [
    flag.doc,
    ...(flag.required ? ['(required)'] : []),
    ...(fallback !== '' && !flag.toggle ? [`(default: ${fallback})`] : []),
    ...(flag.alias ? [`(also --${flag.alias})`] : []),
  ].join(' ');
}

function checkRequired(command: Command, values: Readonly<Record<string, unknown>>) {
  for (const [name, flag] of Object.entries(flagsOf(command))) {
    if (flag.required && values[name] === flag.default)
      throw new UserError(
        'usage',
        `${command.name} needs --${name}=${flag.placeholder}: ${flag.doc}`,
        `see ${manifest.name} ${command.name} --help`,
      );
  }
}
