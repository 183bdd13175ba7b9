import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A file system of a few bytes in memory. */
export interface SmallDisk {
  readonly path: string;
  resize(bytes: number): void;
}

/** Why there can be no small disk here; undefined where there can. */
export const noSmallDisk: string | undefined = findReason();

/** Mounted until the test ends. */
export function smallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'faults-disk-'));
  mount(path, bytes);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', path]);
    rmSync(path, { recursive: true });
  });
  return {
    path,
    resize: (size) => void execFileSync('mount', ['-o', `remount,size=${size}`, path]),
  };
}

function mount(path: string, bytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'pipe' });
}

function findReason(): string | undefined {
  const path = join(tmpdir(), `faults-mount-${process.pid}`);
  try {
    mkdirSync(path);
    mount(path, 2 ** 20);
    execFileSync('umount', [path]);
    return undefined;
  } catch (error) {
    return `a tmpfs cannot be mounted: ${(error as Error).message.split('\n').at(0)}`;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
