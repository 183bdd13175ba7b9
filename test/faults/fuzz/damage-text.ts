import { type Draw, damageBytes } from '../../runtime/mutations.ts';
import { utf8 } from './folder.ts';

const SNIPPETS = [
  '[',
  ']',
  ',',
  '=',
  ':',
  'x',
  '1e999',
  '-',
  '.',
  '(',
  'a+',
  '[0:1]',
  'nan',
  '\u0000',
  '=[',
  '0x1',
  ' ',
];

export function damageText(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (draw(3) === 0) return damageBytes(bytes, draw);
  const text = new TextDecoder().decode(bytes);
  const at = draw(text.length + 1);
  return utf8(text.slice(0, at) + SNIPPETS[draw(SNIPPETS.length)] + text.slice(at + draw(3)));
}
