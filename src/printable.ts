const SHOWN_LENGTH = 80;
const SHOWN_NAMES = 3;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes text from a file or a server safe to show in an error. Escapes characters that would break or reorder the line (`\n`,
 * `\u{202e}`), and shortens long text to its beginning and end.
 *
 * @param length the most characters to return
 */
export function printable(text: string, length = SHOWN_LENGTH): string {
  // Skip the middle of a very long text, which cannot be shown in any case.
  const ends = text.length > 2 * length ? text.slice(0, length) + text.slice(-length) : text;
  const characters = Array.from(ends, escaped);
  const total = characters.reduce((sum, each) => sum + each.length, 0);
  if (ends === text && total <= length) return characters.join('');
  const half = (length - '...'.length) / 2;
  const head = fitting(characters, Math.ceil(half));
  const tail = fitting(characters.toReversed(), Math.floor(half)).toReversed();
  return `${head.join('')}...${tail.join('')}`;
}

/** The first three names, and the number of the others: `a, b, c and 4 others`. */
export function printableList(names: readonly string[], separator = ', '): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => printable(name));
  const others = names.length - shown.length;
  return others > 0 ? `${shown.join(separator)} and ${others} others` : shown.join(separator);
}

/** Escapes control characters, invisible formatting, line and paragraph separators, and lone surrogates. */
function escaped(character: string): string {
  if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) return character;
  return ESCAPES[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** The longest run of leading pieces with at most `length` characters in total. */
function fitting(pieces: readonly string[], length: number): string[] {
  let end = 0;
  for (let used = 0; end < pieces.length; end++) {
    used += pieces[end]!.length;
    if (used > length) break;
  }
  return pieces.slice(0, end);
}
