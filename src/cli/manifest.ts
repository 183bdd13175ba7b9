import { createRequire } from 'node:module';

/** The package's own package.json, which both the sources and dist find by the package's name. */
export const manifest = createRequire(import.meta.url)('cifar10-prune/package.json') as {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly bugs?: { readonly url: string };
};
