import { Help } from 'commander';

/** Fewest columns for descriptions beside their terms; if there is less room, descriptions go on the lines below. */
const LEAST_BESIDE = 40;
const INDENT = '  ';
const DEEPER_INDENT = ' '.repeat(6);

/** Wraps help texts at a number of columns. Only a line of a single word can be longer. */
export class HelpLayout {
  readonly #width: number;
  readonly #help = Object.assign(new Help(), { minWidthToWrap: 1 });

  constructor(width: number) {
    this.#width = width;
    this.#help.helpWidth = width;
  }

  paragraph(text: string): string {
    return this.#wrapped(text, this.#width);
  }

  /** A term with its description. @param termWidth width of the longest term in the same column */
  item(term: string, termWidth: number, description: string): string {
    if (this.#width - termWidth - 2 * INDENT.length >= LEAST_BESIDE)
      return this.#help.formatItem(term, termWidth, description, this.#help);
    const below = this.#wrapped(description, this.#width - DEEPER_INDENT.length);
    return `${INDENT}${term}\n${below.replace(/^/gm, DEEPER_INDENT)}`;
  }

  items(items: readonly (readonly [term: string, description: string])[]): string {
    const termWidth = Math.max(...items.map(([term]) => term.length));
    return items.map(([term, description]) => this.item(term, termWidth, description)).join('\n');
  }

  /** A command line, broken with backslashes so that it can be pasted into a shell. Its blanks must be between words or in double quotes. */
  commandLine(line: string): string {
    const room = this.#width - DEEPER_INDENT.length - ' \\'.length;
    return `${INDENT}${this.#wrapped(line, room).split('\n').join(` \\\n${DEEPER_INDENT}`)}`;
  }

  #wrapped(text: string, width: number): string {
    return this.#help.boxWrap(text, Math.max(1, width));
  }
}
