import { type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { type Draw, damageBytes } from '../../runtime/mutations.ts';

type Tree = Record<string, unknown> | unknown[];

const TEXTS = [
  '',
  'a',
  '^a',
  ':1',
  'gone:7',
  '\u0000\n',
  '\u001b[31m',
  'x'.repeat(400),
  '-1',
  '__proto__',
  'ä/ö',
];
const NUMBERS = [-(2 ** 31), -2, -1, 0, 1, 2, 3, 4, 5, 7, 64, 255, 2 ** 16, 2 ** 20, 2 ** 31 - 1];
const LARGE = [2 ** 32, 2 ** 40, 2 ** 53, -(2 ** 53), 1e300, 0.5, Number.NaN];

/** The bytes of a message, with one or two of its fields changed at any depth. */
export function damageMessage<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  draw: Draw,
): Uint8Array {
  try {
    const message = fromBinary(schema, bytes);
    for (let count = 1 + draw(2); count > 0; count--) damageTree(message as Message & Tree, draw);
    return toBinary(schema, message);
  } catch {
    // What was damaged before may not parse, and not every value fits every field.
    return damageBytes(bytes, draw);
  }
}

/** A JSON text with one or two of its values changed at any depth. */
export function damageJson(bytes: Uint8Array, draw: Draw): Uint8Array {
  try {
    const tree = JSON.parse(new TextDecoder().decode(bytes));
    for (let count = 1 + draw(2); count > 0; count--) damageTree(tree, draw);
    return new TextEncoder().encode(JSON.stringify(tree));
  } catch {
    return damageBytes(bytes, draw);
  }
}

function damageTree(root: Tree, draw: Draw): void {
  const place = randomPlace(root, draw);
  if (!place) return;
  const { parent, key } = place;
  if (Array.isArray(parent) && draw(3) > 0) {
    damageList(parent, key as number, draw);
    return;
  }
  const value = (parent as Record<string, unknown>)[key];
  if (isTree(value) && draw(2) === 0) delete (parent as Record<string, unknown>)[key];
  else (parent as Record<string, unknown>)[key] = another(value, root, draw);
}

function damageList(list: unknown[], index: number, draw: Draw): void {
  const ways = [
    () => void list.splice(index, 1),
    () => void list.push(list[index]),
    () => void list.splice(index),
    () => void list.reverse(),
    () => {
      list[index] = list[draw(list.length)];
    },
  ];
  ways[draw(ways.length)]!();
}

/** Of the same type, so that it can be written. */
function another(value: unknown, root: Tree, draw: Draw): unknown {
  const pick = <Item>(items: readonly Item[]) => items[draw(items.length)]!;
  switch (typeof value) {
    case 'string':
      return draw(2) === 0 ? pick(TEXTS) : (textOf(root, draw) ?? `${value}${pick(TEXTS)}`);
    case 'number':
      return pick(draw(4) === 0 ? LARGE : NUMBERS);
    case 'bigint':
      return BigInt(Math.trunc(pick([...NUMBERS, 2 ** 40, 2 ** 53])));
    case 'boolean':
      return !value;
    default:
      return value instanceof Uint8Array ? damageBytes(value, draw) : { ...(value as object) };
  }
}

function textOf(root: Tree, draw: Draw): string | undefined {
  for (let tries = 0; tries < 4; tries++) {
    const place = randomPlace(root, draw);
    const value = place && (place.parent as Record<string, unknown>)[place.key];
    if (typeof value === 'string') return value;
  }
  return undefined;
}

/** Down from the root along random keys, mostly of what is not empty and mostly to a leaf. */
function randomPlace(root: Tree, draw: Draw): { parent: Tree; key: string | number } | undefined {
  let parent = root as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(parent).filter((key) => key[0] !== '$');
    const filled = keys.filter((key) => !isEmpty(parent[key]));
    const choice = filled.length > 0 && draw(5) > 0 ? filled : keys;
    if (choice.length === 0) return undefined;
    const key = choice[draw(choice.length)]!;
    const value = parent[key];
    if (!isTree(value) || isEmpty(value) || draw(10) === 0)
      return { parent: parent as Tree, key: Array.isArray(parent) ? Number(key) : key };
    parent = value as Record<string, unknown>;
  }
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/** As what is not set is in a message. */
function isEmpty(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return isTree(value) ? Object.keys(value).length === 0 : !value;
}
