import { arch, cpus, loadavg, totalmem, type } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly date: string;
}

export function thisMachine(threads: number): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: threads,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${arch()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Whether something else computes, so that figures say little. (Windows always says no.) */
export function isBusy(): boolean {
  return loadavg()[0]! > 0.5;
}
