import { type CompletedCommand, type CompletedFlag, identifier, PROGRAM, programsOf } from './completions.ts';

/**
 * A script for bash to source; it works from version 3.2 on, which macOS has. Bash splits words at `=`, so a flag, `=` and
 * the typed part of the value arrive as three words.
 */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const name = identifier(PROGRAM);
  return `# ${PROGRAM} completion for bash
${name}() {
  local IFS=$' \\t\\n' word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command flag='' i
  case "\${COMP_WORDS[0]##*/}" in
${commands.flatMap(({ name, program }) => (program ? [`    ${program}) command=${name} ;;`] : [])).join('\n')}
    *)
      command=\${COMP_WORDS[1]}
      if [[ $COMP_CWORD -eq 1 ]]; then
        ${reply(`compgen -W '${commands.map((command) => command.name).join(' ')}' -- "$word"`)}
        return
      fi ;;
  esac
  if [[ $word == '=' ]]; then
    flag=$before word=''
  elif [[ $before == '=' ]]; then
    flag=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $before == --* && $word != -* ]]; then
    flag=$before
  fi
  if [[ $flag == --* ]]; then
    flag=\${flag#--}
    case "$command.\${flag//-/_}" in
${commands.flatMap(valueCases).join('\n')}
    esac
  fi
  if [[ $word == -* ]]; then
    case "$command" in
${commands.map(({ name, flags }) => `      ${name}) ${reply(`compgen -W '${flags.map(written).join(' ')}' -- "$word"`)} ;;`).join('\n')}
    esac
    [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && type compopt >/dev/null 2>&1 && compopt -o nospace
    return
  fi
  case "$command" in
${commands.flatMap(({ name, operands }) => (operands ? [`    ${name}) ${values(operands)} ;;`] : [])).join('\n')}
  esac
}
complete -F ${name} ${programsOf(commands).join(' ')}
`;
}

const written = ({ name, toggle }: CompletedFlag) => `--${name}${toggle ? '' : '='}`;

/** One `case` branch for each flag with a value. Toggles have none: the word after a toggle is not its value. */
function valueCases({ name, flags }: CompletedCommand): string[] {
  return flags
    .filter(({ toggle }) => !toggle)
    .map((flag) => {
      const action = flag.completion ? `${values(flag.completion)}; return` : 'return';
      return `      ${name}.${flag.name}) ${action} ;;`;
    });
}

function values(completion: 'paths' | readonly string[]): string {
  if (completion !== 'paths') return reply(`compgen -W '${completion.join(' ')}' -- "$word"`);
  return `type compopt >/dev/null 2>&1 && compopt -o filenames; ${reply('compgen -f -- "$word"')}`;
}

/** Reads one completion a line, since a file name may contain blanks. */
const reply = (command: string) => `while IFS= read -r i; do COMPREPLY+=("$i"); done < <(${command})`;
