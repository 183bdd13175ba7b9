import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory where the system has a folder there. */
export const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fuzz-'));
/** The targets are of no use afterwards. */
export const removeFiles = (): void => rmSync(folder, { recursive: true, force: true });

export const utf8 = (text: string) => new TextEncoder().encode(text);
