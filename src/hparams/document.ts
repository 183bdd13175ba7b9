import { formatClause, formatList } from './format.ts';
import type { Hparam } from './hparam.ts';
import { SUPPORTED_HPARAMS, UNSUPPORTED_HPARAMS } from './table.ts';

const supported = Object.entries<Hparam>(SUPPORTED_HPARAMS);
const unsupported = Object.entries<Hparam>(UNSUPPORTED_HPARAMS);

/** All hparams as a Markdown table, for docs/reference.md. */
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

/** All hparams for help texts: supported ones as `name=default` with their meaning, and the names of unsupported ones. */
export function hparamsHelp(): {
  readonly clauses: readonly (readonly [clause: string, doc: string])[];
  readonly refused: readonly string[];
} {
  return {
    clauses: supported.map(([name, { default: value, doc }]) => [formatClause(name, value), doc]),
    refused: unsupported.map(([name]) => name),
  };
}

function formatDefault({ default: value }: Hparam): string {
  return typeof value === 'object' ? formatList(value) : String(value);
}
