/** A stream that results or messages are written to. */
export type Output = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** A command's connections to the outside: where it writes, and what interrupts it. */
export interface Context {
  /** For results and log lines. */
  readonly stdout: Output;
  /** For progress, warnings and errors. */
  readonly stderr: Output;
  /**
   * A signal that aborts on Ctrl-C, on a request to terminate and when nobody reads the output any more; its reason is an
   * `Interrupted`. A command that never calls this is ended at once instead.
   */
  interruption(): AbortSignal;
}
