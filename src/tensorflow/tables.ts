import type { NodeDef } from '../wire/protos.ts';
import { parseInput } from './lookup.ts';

const TABLE = /^((Mutable(Dense)?)?HashTable(OfTensors)?)(V2)?$/;
const INITIALIZES_TABLE = /^(InitializeTable(FromTextFile)?|LookupTableImport)(V2)?$/;

/** Whether a node creates an empty lookup table. */
export const isTable = ({ op }: NodeDef) => TABLE.test(op);

/** Whether a node fills a lookup table. Such a node has no output. */
export const initializesTable = ({ op }: NodeDef) => INITIALIZES_TABLE.test(op);

/** Whether a node only fills lookup tables, directly or by its control inputs. */
export function isTableInitializer(nodes: ReadonlyMap<string, NodeDef>, node: NodeDef): boolean {
  const waits = new Set([node]);
  // Iterating over a set also visits the nodes that are added meanwhile.
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
