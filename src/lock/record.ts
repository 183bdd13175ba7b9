import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { ownProcess, type ProcessIdentity, stateOf } from './process.ts';

/** The process that holds a lock. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the lock was taken, ISO 8601. */
  readonly startedAt: string;
}

/** For errors: `process 7 on host`. @param holder undefined if the lock file does not say who it is */
export function describeHolder(holder: Holder | undefined): string {
  return holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
}

/** The content of a lock file. */
export interface LockRecord extends Holder, ProcessIdentity {
  /** Identifies this lock. */
  readonly id: string;
  /** Whether the kernel holds the lock. If so, the lock ended with its owner, and the record alone means nothing. */
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

/** Reads a lock file. @returns undefined if it does not exist or has no record, which is so for a moment after it is made */
export function readRecord(path: string): LockRecord | undefined {
  try {
    // Reading a pipe would wait forever.
    if (!statSync(path).isFile()) return undefined;
    const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<LockRecord> | null;
    return typeof record?.id === 'string' && Number.isSafeInteger(record.pid)
      ? (record as LockRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that wrote the record runs; `unknown` if it is on another host or in another container, or without a record. */
export async function ownerState(record: LockRecord | undefined): Promise<'alive' | 'dead' | 'unknown'> {
  if (record === undefined || record.host !== hostname()) return 'unknown';
  return stateOf(record.pid, record);
}
