import { quoted } from '../command-line.ts';
import { type CompletedCommand, type CompletedFlag, identifier, PROGRAM, programsOf } from './completions.ts';

/** A script for zsh to source after `compinit`, or to keep in its `fpath`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const name = identifier(PROGRAM);
  const programs = programsOf(commands).join(' ');
  return `#compdef ${programs}
# ${PROGRAM} completion for zsh
${name}() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.map((command) => `    ${quoted(`${command.name}:${command.summary}`)}`).join('\n')}
  )
  case $service in
${commands.flatMap((command) => (command.program ? [`    ${command.program}) ${name}_${command.name}; return ;;`] : [])).join('\n')}
  esac
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${commands.map((command) => `        ${command.name}) ${name}_${command.name} ;;`).join('\n')}
      esac ;;
  esac
}
${commands.map((command) => `${name}_${command.name}() {\n  _arguments ${[...command.flags.map(argument), ...operands(command)].join(' \\\n    ')}\n}`).join('\n')}
if [ "$funcstack[1]" = ${name} ]; then ${name} "$@"; else compdef ${name} ${programs}; fi
`;
}

function argument({ name, toggle, doc, completion }: CompletedFlag): string {
  const told = `--${name}${toggle ? '' : '='}[${escaped(doc)}]`;
  return quoted(toggle ? told : `${told}:${name}:${action(completion)}`);
}

const operands = ({ operands }: CompletedCommand) =>
  operands ? [quoted(`*:operand:${action(operands)}`)] : [];

function action(completion: CompletedFlag['completion']): string {
  if (completion === undefined) return ' ';
  return completion === 'paths' ? '_files' : `(${completion.join(' ')})`;
}

/** Escapes the characters that would end the description of an argument. */
const escaped = (doc: string) => doc.replace(/[\\[\]:]/g, '\\$&');
