const SHOWN_LENGTH = 80;
const SHOWN_NAMES = 3;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text from a file or a server as an error may show it: what would break the line or reorder it is escaped (`\n`,
 * `\u{202e}`), and of a long text only beginning and end are left.
 *
 * @param length the most characters to return
 */
export function printable(text: string, length = SHOWN_LENGTH): string {
  // Characters beyond those that can be shown at all need not be looked at.
  const ends = text.length > 2 * length ? text.slice(0, length) + text.slice(-length) : text;
  const characters = Array.from(ends, escaped);
  const total = characters.reduce((sum, each) => sum + each.length, 0);
  if (ends === text && total <= length) return characters.join('');
  const half = (length - '...'.length) / 2;
  const head = fitting(characters, Math.ceil(half));
  const tail = fitting(characters.toReversed(), Math.floor(half)).toReversed();
  return `${head.join('')}...${tail.join('')}`;
}

/** The first few of some names, and how many others there are. */
export function printableList(names: readonly string[], separator = ', '): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => printable(name));
  const others = names.length - shown.length;
  return others > 0 ? `${shown.join(separator)} and ${others} others` : shown.join(separator);
}

/** Controls, invisible formatting, line and paragraph ends, and halves of surrogate pairs. */
function escaped(character: string): string {
  if (!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) return character;
  return ESCAPES[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** The leading pieces that have `length` characters together at most. */
function fitting(pieces: readonly string[], length: number): string[] {
  let end = 0;
  for (let used = 0; end < pieces.length; end++) {
    used += pieces[end]!.length;
    if (used > length) break;
  }
  return pieces.slice(0, end);
}
