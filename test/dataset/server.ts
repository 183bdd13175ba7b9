import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface FileServer {
  readonly url: string;
  /** The Range header of each request in turn, undefined where there was none. */
  readonly ranges: (string | undefined)[];
  /** Breaks every connection. */
  disconnect(): void;
}

/** A server on this machine that answers the nth request with the nth behaviour, and all further ones with the last. */
export async function serve(...behaviours: Behaviour[]): Promise<FileServer> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const behaviour = behaviours[Math.min(ranges.length, behaviours.length) - 1]!;
    behaviour(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-binary.tar.gz`,
    ranges,
    disconnect: () => server.closeAllConnections(),
  };
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** Sends the file, or the part of it that is asked for. */
export const file =
  (content: Buffer): Behaviour =>
  (request, response) => {
    const start = rangeStart(request);
    if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end('no such range');
    } else {
      writeHead(response, start, content.length, request.headers.range !== undefined);
      response.end(content.subarray(start));
    }
  };

/** Sends `count` bytes of what is asked for, then nothing more, and leaves the connection open. */
export const stallingAfter =
  (count: number, content: Buffer): Behaviour =>
  (request, response) => {
    const start = rangeStart(request);
    writeHead(response, start, content.length, request.headers.range !== undefined);
    response.write(content.subarray(start, start + count));
  };

/** Sends the whole file, whatever part of it is asked for. */
export const withoutRanges =
  (content: Buffer): Behaviour =>
  (_, response) => {
    response.writeHead(200, { 'content-length': content.length }).end(content);
  };

export const status =
  (code: number): Behaviour =>
  (_, response) => {
    response.writeHead(code).end('an error page');
  };

const rangeStart = (request: IncomingMessage) =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

function writeHead(response: ServerResponse, start: number, total: number, partial: boolean): void {
  const headers = { 'content-length': total - start };
  if (partial)
    response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${total - 1}/${total}` });
  else response.writeHead(200, headers);
}
