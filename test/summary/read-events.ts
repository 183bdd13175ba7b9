import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema, type Summary_Value } from '../../src/wire/protos.ts';
import { decodeRecords } from '../../src/wire/record.ts';

/** All events of a file, in their order. */
export function readEvents(path: string): Event[] {
  return Array.from(decodeRecords(readFileSync(path)), (record) => fromBinary(EventSchema, record));
}

/** The summaries of each step by tag. */
export function readSummaries(path: string): Map<number, Map<string, Summary_Value['value']>> {
  const steps = new Map<number, Map<string, Summary_Value['value']>>();
  for (const { step, what } of readEvents(path)) {
    if (what.case !== 'summary') continue;
    const values = steps.get(Number(step)) ?? new Map();
    for (const { tag, value } of what.value.value) values.set(tag, value);
    steps.set(Number(step), values);
  }
  return steps;
}
