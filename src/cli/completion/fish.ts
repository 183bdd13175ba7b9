import { quoted } from '../command-line.ts';
import { type CompletedCommand, type CompletedFlag, PROGRAM, programsOf } from './completions.ts';

/** A script for fish to source, or to keep in its folder of completions. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const { name, program, summary } = command;
    const isSeen = `-n '__fish_seen_subcommand_from ${name}'`;
    const own = [...command.flags.map(completed), ...operands(command)];
    return [
      `complete -c ${PROGRAM} -f -n __fish_use_subcommand -a ${name} -d ${text(summary)}`,
      ...own.map((line) => `complete -c ${PROGRAM} ${isSeen} ${line}`),
      ...(program ? own.map((line) => `complete -c ${program} ${line}`) : []),
    ];
  });
  return [
    `# ${PROGRAM} completion for fish`,
    ...programsOf(commands).map((program) => `complete -c ${program} -f`),
    ...lines,
    '',
  ].join('\n');
}

function completed({ name, toggle, doc, completion }: CompletedFlag): string {
  return [`-l ${name}`, ...(toggle ? [] : [value(completion)]), `-d ${text(doc)}`].join(' ');
}

function value(completion: CompletedFlag['completion']): string {
  if (completion === 'paths') return '-r -F';
  return completion ? `-x -a ${quoted(completion.join(' '))}` : '-x';
}

function operands({ operands }: CompletedCommand): string[] {
  if (operands === undefined) return [];
  return [operands === 'paths' ? '-F' : `-f -a ${quoted(operands.join(' '))}`];
}

/** A text in single quotes, where fish knows no escapes but `\\` and `\'`. */
const text = (words: string) => `'${words.replace(/[\\']/g, '\\$&')}'`;
