import { open, rm, stat } from 'node:fs/promises';
import { UserError } from '../errors.ts';

/** Called as bytes arrive. `total` is undefined where the server does not tell. */
export type OnProgress = (bytes: number, total: number | undefined) => void;

export interface DownloadOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Stops the download; what has arrived stays for the next time. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which the server counts as gone, 30,000 unless given. */
  readonly stallTimeout?: number | undefined;
}

/** How to go on when nothing can be downloaded. */
export const WAYS_OUT =
  'Put the six .bin files into a folder and name it with --data_dir, name a mirror with --data_url, or use --dataset=synthetic.';

/**
 * Downloads `url` to `path`. What `path` holds already is taken for the beginning and continued where the server can (range requests,
 * RFC 9110 section 14), replaced where it cannot, so the caller has to check the whole. A connection that breaks is taken up again
 * as long as each attempt brings bytes.
 *
 * @throws UserError `network`, with the address and the cause, when nothing more arrives; the signal's reason when it is aborted
 */
export async function download(url: string, path: string, options: DownloadOptions = {}): Promise<void> {
  for (;;) {
    const before = await fileSize(path);
    try {
      await downloadRest(url, path, before, options);
      return;
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      const bytes = await fileSize(path);
      if (bytes > before) continue;
      const kept = bytes > 0 ? ` (${bytes} bytes are kept, the next run goes on from there)` : '';
      throw new UserError('network', `cannot download ${url}: ${error.message}${kept}`, WAYS_OUT, {
        cause: error,
      });
    }
  }
}

/** The connection was not made, or broke. */
class Interruption extends Error {}

async function downloadRest(
  url: string,
  path: string,
  start: number,
  options: DownloadOptions,
): Promise<void> {
  const { onProgress, signal, stallTimeout = 30_000 } = options;
  const stall = new AbortController();
  const timer = setTimeout(() => {
    stall.abort(new Interruption(`nothing arrived for ${stallTimeout / 1000} seconds`));
  }, stallTimeout);
  try {
    const signals = [stall.signal, ...(signal ? [signal] : [])];
    const { from, total, body } = await request(url, start, AbortSignal.any(signals));
    if (from === 0) await rm(path, { force: true });
    const file = await open(path, 'a');
    try {
      let bytes = from;
      onProgress?.(bytes, total);
      for await (const chunk of body ?? []) {
        timer.refresh();
        await file.appendFile(chunk);
        bytes += chunk.length;
        onProgress?.(bytes, total);
      }
      if (total !== undefined && bytes < total) {
        throw new Interruption(`the server ended ${total - bytes} bytes too early`);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (stall.signal.aborted) throw stall.signal.reason;
    // fetch reports all network errors as TypeError, with what happened as its cause.
    if (!(error instanceof TypeError)) throw error;
    const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException;
    throw new Interruption(message || code);
  } finally {
    clearTimeout(timer);
  }
}

interface Answer {
  /** Position in the file of the body's first byte. */
  readonly from: number;
  /** Bytes of the whole file, where the server tells. */
  readonly total: number | undefined;
  readonly body: Response['body'];
}

/** Asks for the bytes from `start` on, and for the whole file where the server has no such bytes. */
async function request(url: string, start: number, signal: AbortSignal): Promise<Answer> {
  const headers = { 'accept-encoding': 'identity', ...(start > 0 && { range: `bytes=${start}-` }) };
  const response = await fetch(url, { headers, signal });
  const { status, statusText, body } = response;
  if (status === 200) return { from: 0, total: contentLength(response.headers), body };

  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const total = range ? Number(range[2]) : undefined;
  if (status === 206 && Number(range?.[1]) === start) return { from: start, total, body };

  await body?.cancel();
  if (start > 0 && status === 416 && total === start) return { from: start, total, body: null };
  if (start > 0 && (status === 416 || status === 206)) return request(url, 0, signal);
  throw new UserError(
    'network',
    `cannot download ${url}: the server answered ${status} ${statusText}`.trimEnd(),
    WAYS_OUT,
  );
}

function contentLength(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  // A server that compresses all the same tells the compressed length.
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found?.size ?? 0;
}
