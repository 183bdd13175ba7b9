/** A fenced block of a Markdown file. */
export interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

const FENCE = /^```(\w*)$/;

export function blocksOf(markdown: string): Block[] {
  const blocks: { language: string; lines: string[] }[] = [];
  let open: { language: string; lines: string[] } | undefined;
  for (const line of markdown.split('\n')) {
    const fence = FENCE.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open) open = undefined;
    else {
      open = { language: fence[1]!, lines: [] };
      blocks.push(open);
    }
  }
  return blocks;
}

/** What lies outside of fenced blocks. */
export function proseOf(markdown: string): string {
  return markdown.replace(/^```\w*\n[\s\S]*?^```$/gm, '');
}

/** Where `[text](target)` and `![text](target)` lead. */
export function linksOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
}

/** Of all headings, as GitHub makes them: lower case, blanks as dashes, without punctuation and markup. */
export function anchorsOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The command lines of a `sh` block: continued lines joined, without comments. */
export function commandLinesOf({ lines }: Block): string[] {
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split(/\n|&&/)
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter((line) => line !== '');
}

/** The words of a command line, as a shell splits it. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map((match) => match[0].replace(/["']/g, ''));
}
