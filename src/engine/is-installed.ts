import { createRequire } from 'node:module';

/** Whether a package can be loaded from here; does not load it. */
export function isInstalled(packageName: string): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName);
    return true;
  } catch {
    return false;
  }
}
