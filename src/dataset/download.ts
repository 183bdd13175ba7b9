import { open, rm, stat } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { redacted } from '../redacted.ts';
import { type Answer, Interruption, networkError, request } from './request.ts';

/** Called as bytes arrive. `total` is undefined where the server does not tell. */
export type OnProgress = (bytes: number, total: number | undefined) => void;

export interface DownloadOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Stops the download; what has arrived stays for the next time. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds in which a piece must arrive, or the server counts as gone; 30,000 unless given. */
  readonly stallTimeout?: number | undefined;
  /** The most bytes that are taken, 200,000,000 unless given. CIFAR-10's archive has 170,052,171. */
  readonly maxBytes?: number | undefined;
}

export const MAX_BYTES = 200_000_000;
/** Bytes that must arrive before a server's time starts anew: less is no download but a way to keep us waiting. */
const PIECE_BYTES = 16 * 1024;
/** An attempt that brings less is a poor one, of which there may be a few one after the other. */
const POOR_BYTES = 64 * 1024;
const MAX_POOR_ATTEMPTS = 10;

/**
 * Downloads `url` to `path`. What `path` holds already is taken for the beginning and continued where the server can (range requests,
 * RFC 9110 section 14), replaced where it cannot, so the caller has to check the whole. A connection that breaks is taken up again
 * as long as attempts bring bytes. A server that sends more than it told, or than `maxBytes`, is left at once.
 *
 * @param url its user name and password are sent as basic authentication and never shown
 * @throws UserError `network`, with the address and the cause, when nothing more arrives or too much; `file` if `path` is no regular
 *   file; the signal's reason when it is aborted
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
      await answer.body?.cancel();
      throw tooMuch(url, `the server offers ${answer.total} bytes, expected at most ${maxBytes}`);
    }
    if (answer.from === 0) await rm(path, { force: true });
    await receive(url, path, answer, watch, options);
  } catch (error) {
    if (stall.signal.aborted) throw stall.signal.reason;
    // fetch reports all network errors as TypeError, with what happened as its cause.
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
  { from, total, body }: Answer,
  watch: PieceWatch,
  { onProgress, maxBytes }: DownloadOptions & { readonly maxBytes: number },
): Promise<void> {
  const limit = total ?? maxBytes;
  const file = await open(path, 'a');
  try {
    let bytes = from;
    onProgress?.(bytes, total);
    for await (const chunk of body ?? []) {
      if (bytes + chunk.length > limit) {
        // What goes beyond its end is not the file that was asked for, so neither is its beginning.
        await rm(path, { force: true });
        throw tooMuch(
          url,
          `the server sends more than ${limit} bytes${total === undefined ? '' : ', which it told'}`,
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

/** Aborts where a piece takes longer than it may. */
class PieceWatch {
  readonly #timer: NodeJS.Timeout;
  /** Of the piece that is arriving. */
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

/** @throws UserError `file` if there is something that is no regular file, such as a pipe, which would block */
async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found && !found.isFile())
    throw new UserError('file', `cannot write ${path}: it is there and no regular file`, 'Move it away.');
  return found?.size ?? 0;
}
