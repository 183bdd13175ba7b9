import { formatClause } from './format.ts';
import type { Hparam } from './hparam.ts';
import { SUPPORTED_HPARAMS, UNSUPPORTED_HPARAMS } from './table.ts';

const supported = Object.entries<Hparam>(SUPPORTED_HPARAMS);
const unsupported = Object.entries<Hparam>(UNSUPPORTED_HPARAMS);

/** All hparams as a Markdown table, for the README. */
export function hparamsMarkdown(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cells = ([name, hparam]: [string, Hparam], doc: string) =>
    row([`\`${name}\``, hparam.type, `\`${formatDefault(hparam)}\``, doc]);
  return [
    row(['name', 'type', 'default', 'meaning']),
    row(['---', '---', '---', '---']),
    ...supported.map((entry) => cells(entry, entry[1].doc)),
    ...unsupported.map((entry) =>
      cells(entry, `Not supported yet: refused unless at its default. ${entry[1].doc}`),
    ),
  ].join('\n');
}

/** All hparams as lines of help text: `name=default` and what it means. */
export function hparamsHelp(): string {
  const clauses = supported.map(([name, hparam]) => formatClause(name, hparam.default));
  const width = Math.max(...clauses.map((clause) => clause.length));
  const lines = supported.map(([, { doc }], index) => `  ${clauses[index]?.padEnd(width)}  ${doc}`);
  const refused = unsupported.map(([name]) => name).join(', ');
  return [...lines, `Not supported yet, refused unless at their defaults: ${refused}`].join('\n');
}

function formatDefault({ default: value }: Hparam): string {
  return typeof value === 'object' ? `[${value}]` : String(value);
}
