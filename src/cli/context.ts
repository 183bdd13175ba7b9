/** A stream that results or messages are written to. */
export type Output = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** What a command sees of the outside world. */
export interface Context {
  /** For results and log lines. */
  readonly stdout: Output;
  /** For progress, warnings and errors. */
  readonly stderr: Output;
  /**
   * The signal that aborts on Ctrl-C, on a request to terminate and when nobody reads the output any more; its reason is an
   * `Interrupted`. A command that never asks for it is ended at once.
   */
  interruption(): AbortSignal;
}
