import { parseRecords, type Records, serializeRecords } from '../../src/dataset/records.ts';
import { randomStream } from '../../src/random.ts';

/** Records with labels 0, 1, ..., 9, 0, ... and random pixels. */
export function randomRecords(count: number, seed = 1): Records {
  const stream = randomStream(seed, 'test pictures');
  const planes = () => Uint8Array.from({ length: 3072 }, () => stream.integer(256));
  return parseRecords(
    serializeRecords(Array.from({ length: count }, (_, i) => ({ label: i % 10, planes: planes() }))),
  );
}
