import type { NodeDef } from '../wire/protos.ts';
import { parseInput } from './lookup.ts';

const TABLE = /^((Mutable(Dense)?)?HashTable(OfTensors)?)(V2)?$/;
const INITIALIZES_TABLE = /^(InitializeTable(FromTextFile)?|LookupTableImport)(V2)?$/;

/** Whether a node makes a lookup table, which is empty at first. */
export const isTable = ({ op }: NodeDef) => TABLE.test(op);

/** Whether a node fills a lookup table; it gives nothing. */
export const initializesTable = ({ op }: NodeDef) => INITIALIZES_TABLE.test(op);

/** Whether a node does nothing but fill lookup tables, itself or by what it waits for. */
export function isTableInitializer(nodes: ReadonlyMap<string, NodeDef>, node: NodeDef): boolean {
  const waits = new Set([node]);
  // A set's iterator also visits what is added on the way.
  for (const { op, input } of waits) {
    if (INITIALIZES_TABLE.test(op)) continue;
    const awaited = input.map((each) => nodes.get(parseInput(each).node));
    if (op !== 'NoOp' || awaited.length === 0) return false;
    for (const each of awaited) {
      if (!each) return false;
      waits.add(each);
    }
  }
  return true;
}
