import { createRequire } from 'node:module';

/** Whether Node can resolve a package from this module. Does not load the package. */
export function isInstalled(packageName: string): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName);
    return true;
  } catch {
    return false;
  }
}
