import { open, rm, stat } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { redacted } from '../redacted.ts';
import { type Answer, Interruption, networkError, request } from './request.ts';

/** Called as bytes arrive, with their number so far. `total` is undefined if the server does not say. */
export type OnProgress = (bytes: number, total: number | undefined) => void;

export interface DownloadOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Aborts the download. What has arrived is kept for the next attempt. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds within which a piece of 16 KiB must arrive; otherwise the attempt is aborted. Default: 30,000. */
  readonly stallTimeout?: number | undefined;
  /** The most bytes to accept. Default: 200,000,000. CIFAR-10's archive has 170,052,171. */
  readonly maxBytes?: number | undefined;
}

export const MAX_BYTES = 200_000_000;
/** Bytes that must arrive before the timeout starts again. A server that sends less only keeps the client waiting. */
const PIECE_BYTES = 16 * 1024;
/** An attempt that brings fewer bytes is a poor one. After MAX_POOR_ATTEMPTS poor attempts in a row, the download fails. */
const POOR_BYTES = 64 * 1024;
const MAX_POOR_ATTEMPTS = 10;

/**
 * Downloads `url` to `path`. If `path` exists, the download continues after its last byte if the server supports that (range requests,
 * RFC 9110 section 14), and otherwise replaces it. So the caller must check the complete file. After a broken connection it tries
 * again, as long as attempts bring bytes. It aborts if the server sends more than it announced, or more than `maxBytes`.
 *
 * @param url a user name and password in it are sent as basic authentication and never shown
 * @throws UserError `network`, with the address and the cause, if too little or too much arrives; `file` if `path` is not a regular
 *   file; the signal's reason if it aborts
 */
export async function download(url: string, path: string, options: DownloadOptions = {}): Promise<void> {
  const { maxBytes = MAX_BYTES } = options;
  if ((await fileSize(path)) > maxBytes) await rm(path);
  for (let poor = 0; ; ) {
    const before = await fileSize(path);
    try {
      await downloadRest(url, path, before, { ...options, maxBytes });
      return;
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      const bytes = await fileSize(path);
      poor = bytes - before < POOR_BYTES ? poor + 1 : 0;
      if (bytes > before && poor < MAX_POOR_ATTEMPTS) continue;
      const kept = bytes > 0 ? ` (${bytes} bytes are kept, the next run goes on from there)` : '';
      throw networkError(url, `${printable(redacted(error.message), 200)}${kept}`, error);
    }
  }
}

async function downloadRest(
  url: string,
  path: string,
  start: number,
  options: DownloadOptions & { readonly maxBytes: number },
): Promise<void> {
  const { signal, maxBytes, stallTimeout = 30_000 } = options;
  const stall = new AbortController();
  const watch = new PieceWatch(stallTimeout, stall);
  try {
    const signals = [stall.signal, ...(signal ? [signal] : [])];
    const answer = await request(url, start, AbortSignal.any(signals));
    if (answer.total !== undefined && answer.total > maxBytes) {
      await answer.response.body?.cancel();
      throw tooMuch(url, `the server offers ${answer.total} bytes, expected at most ${maxBytes}`);
    }
    if (answer.from === 0) await rm(path, { force: true });
    await receive(url, path, answer, watch, options);
  } catch (error) {
    if (stall.signal.aborted) throw stall.signal.reason;
    // fetch reports all network errors as TypeError, whose cause says what happened.
    if (!(error instanceof TypeError)) throw error;
    const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException;
    throw new Interruption(message || code);
  } finally {
    watch.stop();
  }
}

async function receive(
  url: string,
  path: string,
  { from, total, response }: Answer,
  watch: PieceWatch,
  { onProgress, maxBytes }: DownloadOptions & { readonly maxBytes: number },
): Promise<void> {
  const limit = total ?? maxBytes;
  const file = await open(path, 'a');
  try {
    let bytes = from;
    onProgress?.(bytes, total);
    for await (const chunk of response.body ?? []) {
      if (bytes + chunk.length > limit) {
        // The server is sending another file, so what has arrived is useless, too.
        await rm(path, { force: true });
        throw tooMuch(
          url,
          `the server sends more than ${limit} bytes${total === undefined ? '' : ', the size that it announced'}`,
        );
      }
      watch.arrived(chunk.length);
      await file.appendFile(chunk);
      bytes += chunk.length;
      onProgress?.(bytes, total);
    }
    if (total !== undefined && bytes < total)
      throw new Interruption(`the server ended ${total - bytes} bytes too early`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Aborts an attempt if a piece of PIECE_BYTES takes longer than the timeout. */
class PieceWatch {
  readonly #timer: NodeJS.Timeout;
  /** Bytes of the present piece that have arrived. */
  #bytes = 0;

  constructor(stallTimeout: number, stall: AbortController) {
    this.#timer = setTimeout(() => {
      const what = this.#bytes === 0 ? 'nothing' : `only ${this.#bytes} bytes`;
      stall.abort(new Interruption(`${what} arrived for ${stallTimeout / 1000} seconds`));
    }, stallTimeout);
  }

  arrived(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < PIECE_BYTES) return;
    this.#bytes = 0;
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function tooMuch(url: string, problem: string): UserError {
  return networkError(url, `${problem}: it is not CIFAR-10's archive`);
}

/** Size in bytes of a file; 0 if it does not exist. @throws UserError `file` if it is not a regular file; writing to a pipe would block */
async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found && !found.isFile())
    throw new UserError('file', `cannot write ${path}: it exists and is not a regular file`, 'Move it away.');
  return found?.size ?? 0;
}
