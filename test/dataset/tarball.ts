import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Header, type HeaderData } from 'tar';
import { randomRecords } from './pictures.ts';

export interface Entry {
  readonly path: string;
  readonly content?: Uint8Array;
  readonly type?: NonNullable<HeaderData['type']>;
  readonly linkpath?: string;
  /** What the header says, where that is not the content's length. */
  readonly size?: number;
}

/** A tar.gz with exactly these entries, also those that no honest tool would write. */
export function tarball(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(
    ({ path, content = new Uint8Array(), type = 'File', linkpath = '', size }) => {
      const header = new Header({
        path,
        type,
        linkpath,
        size: size ?? content.length,
        mode: 0o644,
        mtime: new Date(0),
      });
      header.encode();
      return [header.block!, content, new Uint8Array(-content.length & 511)];
    },
  );
  return gzipSync(Buffer.concat([...blocks, new Uint8Array(1024)]));
}

/** The entries of CIFAR-10's own archive, with `count` pictures a file. */
export function cifarEntries(count = 2): Entry[] {
  const folder = 'cifar-10-batches-bin';
  const names = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`).concat('test_batch');
  return [
    { path: `${folder}/`, type: 'Directory' },
    ...names.map((name, seed) => ({
      path: `${folder}/${name}.bin`,
      content: randomRecords(count, seed).bytes,
    })),
    { path: `${folder}/batches.meta.txt`, content: Buffer.from('airplane\n') },
    { path: `${folder}/readme.html`, content: Buffer.from('<html>') },
  ];
}

export const md5 = (content: Buffer) => createHash('md5').update(content).digest('hex');
