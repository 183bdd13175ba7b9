import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { request } from '../../src/dataset/request.ts';
import { randomRecords } from './pictures.ts';
import { file, serve } from './server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('an answer is complete although garbage is collected before it is read', async () => {
  const content = Buffer.from(randomRecords(4).bytes);
  const { url } = await serve(file(content));
  const answer = await request(url, 0, new AbortController().signal);
  for (let i = 0; i < 5; i++) {
    await setTimeout(5);
    collectGarbage();
  }
  expect(Buffer.compare(Buffer.from(await answer.response.arrayBuffer()), content)).toBe(0);
});
