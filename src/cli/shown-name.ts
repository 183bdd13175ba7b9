import { columnsOf } from './table.ts';

/** Columns of the longest name that is shown whole; --json has all names whole. */
const MOST = 240;
const CUT = '...';
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const parts = (text: string) => Array.from(graphemes.segment(text), ({ segment }) => segment);

/** A text with escapes for the characters that move the cursor, change the writing direction or are invisible. */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0)!.toString(16).padStart(4, '0');
    return ESCAPES[character] ?? `\\u${code.length > 4 ? `{${code}}` : code}`;
  });
}

/** A name as it is shown on one line: escaped, and without its middle if it is longer than `MOST` columns. */
export function shownName(name: string): string {
  // Bounds the work on very long names; both ends keep more than is shown.
  const text = name.length > 8 * MOST ? `${name.slice(0, 4 * MOST)}${name.slice(-4 * MOST)}` : name;
  const shown = escaped(text);
  if (text === name && columnsOf(shown) <= MOST) return shown;
  const room = (MOST - CUT.length) / 2;
  const all = parts(shown);
  const [head] = fitting(all, Math.ceil(room));
  const [tail] = fitting(all.toReversed(), Math.floor(room));
  return `${head.join('')}${CUT}${tail.toReversed().join('')}`;
}

/** A text in lines of at most `width` columns, broken at slashes where possible; all lines but the first are indented. @param width at least 3 */
export function brokenLines(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = parts(text);
  while (rest.length > 0) {
    const indent = lines.length > 0 ? ' ' : '';
    const [fits, others] = fitting(rest, width - indent.length);
    const slash = others.length > 0 ? fits.lastIndexOf('/') + 1 : 0;
    const end = slash || Math.max(1, fits.length);
    lines.push(indent + rest.slice(0, end).join(''));
    rest = rest.slice(end);
  }
  return lines.length > 0 ? lines : [''];
}

/** As many of the first parts as `width` columns take, and the others. */
function fitting(all: readonly string[], width: number): [string[], string[]] {
  let end = 0;
  for (let taken = 0; end < all.length; end++) {
    taken += columnsOf(all[end]!);
    if (taken > width) break;
  }
  return [all.slice(0, end), all.slice(end)];
}
