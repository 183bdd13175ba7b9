declare module 'cli-table3/src/utils.js' {
  /** Columns of the longest line of a text. */
  export function strlen(text: string): number;
}
