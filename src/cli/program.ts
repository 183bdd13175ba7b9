import { styleText } from 'node:util';
import { Argument, Command as CommanderCommand, Option } from 'commander';
import { UserError } from '../errors.ts';
import { type Command, flagsOf, operandTerm } from './command.ts';
import type { Context } from './context.ts';
import type { Flag } from './flag.ts';
import { HelpLayout } from './help-layout.ts';
import { HELP_STYLE } from './help-style.ts';
import { manifest } from './manifest.ts';

const SEE_COMMANDS = `Flags and examples of a command: ${manifest.name} COMMAND --help`;

/** The commands as a commander program. It parses only command lines that `normalizeArgv` has rewritten. */
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
      getOutHelpWidth: () => helpWidth(context),
      getOutHasColors: () => styleText('bold', '', { stream: context.stdout }) !== '',
    })
    .exitOverride()
    .addHelpText('after', () => `\n${layoutFor(context).paragraph(SEE_COMMANDS)}`);
  for (const command of commands) {
    program.addCommand(buildCommand(command, context).copyInheritedSettings(program));
  }
  return program;
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
  return built.addHelpText('after', () => `\n${helpAfterFlags(command, layoutFor(context))}`);
}

function helpWidth({ stdout }: Context): number {
  return stdout.columns ?? 100;
}

const layoutFor = (context: Context) => new HelpLayout(helpWidth(context));

function helpAfterFlags({ footer, examples }: Command, layout: HelpLayout): string {
  return [
    ...(footer ? [footer(layout)] : []),
    'Examples:',
    ...examples.map((line) => layout.commandLine(line)),
  ].join('\n');
}

function buildOption(name: string, flag: Flag, command: Command): Option {
  const flags = `--${name} ${flag.toggle ? `[${flag.placeholder || 'BOOL'}]` : `<${flag.placeholder}>`}`;
  return new Option(flags, describe(flag)).default(flag.default).argParser((text, before) => {
    const value = flag.parse(text);
    if (value !== undefined) return flag.isJoined ? [before, value].flat() : value;
    throw new UserError(
      'usage',
      `--${name}=${text}: expected ${flag.expected}`,
      `See ${manifest.name} ${command.name} --help.`,
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
        `See ${manifest.name} ${command.name} --help.`,
      );
  }
}
