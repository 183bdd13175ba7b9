import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { redacted } from '../redacted.ts';

/** The hint when a download is impossible. */
export const WAYS_OUT =
  'Put the six .bin files into a folder and name it with --data_dir, name a mirror with --data_url, or use --dataset=synthetic.';

/** The connection failed or broke; another attempt may succeed. */
export class Interruption extends Error {}

export interface Answer {
  /** Offset in the file of the body's first byte. */
  readonly from: number;
  /** Size in bytes of the whole file; undefined if the server does not say. */
  readonly total: number | undefined;
  /** The body is read from the response itself: fetch cancels the body of a response that nothing refers to any more. */
  readonly response: Response;
}

/**
 * Requests the bytes of a file from `start` on, or the whole file if the server cannot send a part.
 *
 * @throws UserError `network` if the answer is not the file; TypeError as `fetch` does
 */
export async function request(address: string, start: number, signal: AbortSignal): Promise<Answer> {
  const { url, authorization } = withoutCredentials(address);
  const headers = {
    'accept-encoding': 'identity',
    ...(authorization && { authorization }),
    ...(start > 0 && { range: `bytes=${start}-` }),
  };
  const response = await fetch(url, { headers, signal });
  const problem = problemOf(response, url);
  if (problem) {
    await response.body?.cancel();
    throw networkError(address, problem);
  }
  const { status, statusText, body } = response;
  if (status === 200) return { from: 0, total: contentLength(response.headers), response };

  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const total = range ? Number(range[2]) : undefined;
  if (status === 206 && Number(range?.[1]) === start) return { from: start, total, response };

  await body?.cancel();
  if (start > 0 && status === 416 && total === start) return { from: start, total, response: new Response() };
  if (start > 0 && (status === 416 || status === 206)) return request(address, 0, signal);
  throw networkError(address, `the server answered ${status} ${printable(statusText)}`.trimEnd());
}

/** An error about a download. It shows the address without user name and password. */
export function networkError(address: string, problem: string, cause?: unknown): UserError {
  const shown = printable(redacted(address), 200);
  return new UserError('network', `cannot download ${shown}: ${problem}`, WAYS_OUT, { cause });
}

/** Moves credentials from the URL to a header: `fetch` refuses them in URLs, and sends this header to no other server on redirects. */
function withoutCredentials(address: string): { url: string; authorization: string | undefined } {
  const url = new URL(address);
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  url.username = '';
  url.password = '';
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  return { url: url.href, authorization: user || password ? `Basic ${credentials}` : undefined };
}

function problemOf({ url, headers }: Response, asked: string): string | undefined {
  const encoding = headers.get('content-encoding') ?? 'identity';
  // fetch decodes by itself, so that a few bytes could expand without limit.
  if (encoding !== 'identity')
    return `the server sends it with content-encoding ${printable(encoding)}, expected none`;
  if (asked.startsWith('https:') && !url.startsWith('https:'))
    return `the server redirects to ${printable(redacted(url), 200)}, which is not encrypted`;
  return undefined;
}

function contentLength(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : Number(length);
}
