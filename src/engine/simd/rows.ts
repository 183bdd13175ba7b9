/** Values of a batch as rows, one an image. */
export interface Rows {
  /** Bytes from the start of memory. */
  readonly offset: number;
  /** Values in a row. */
  readonly count: number;
  /** Bytes from one row to the next. */
  readonly step: number;
}
