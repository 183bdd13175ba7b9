import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { ownProcess, type ProcessIdentity, stateOf } from './process.ts';

/** Who holds a lock. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the lock was taken, ISO 8601. */
  readonly startedAt: string;
}

/** Who holds a lock, in words. @param holder undefined where the lock file does not say */
export function describeHolder(holder: Holder | undefined): string {
  return holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
}

/** The content of a lock file. */
export interface LockRecord extends Holder, ProcessIdentity {
  /** Of this lock alone. */
  readonly id: string;
  /** Whether the kernel holds the lock, so that it died with its owner whatever the record says. */
  readonly kernel: boolean;
}

export async function newRecord(kernel: boolean): Promise<LockRecord> {
  return {
    id: randomUUID(),
    host: hostname(),
    pid: process.pid,
    startedAt: new Date().toISOString(),
    ...(await ownProcess()),
    kernel,
  };
}

export const formatRecord = (record: LockRecord) => `${JSON.stringify(record, null, 2)}\n`;

/** @returns undefined if the file is not there or does not hold a record, as in the instant in which it is made */
export function readRecord(path: string): LockRecord | undefined {
  try {
    // Reading a pipe would wait for ever.
    if (!statSync(path).isFile()) return undefined;
    const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<LockRecord> | null;
    return typeof record?.id === 'string' && Number.isSafeInteger(record.pid)
      ? (record as LockRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that wrote the record runs; `unknown` on another host, in another container, and without a record. */
export async function ownerState(record: LockRecord | undefined): Promise<'alive' | 'dead' | 'unknown'> {
  if (record === undefined || record.host !== hostname()) return 'unknown';
  return stateOf(record.pid, record);
}
