import { createRequire } from 'node:module';

/** The package's own package.json, found by name from the sources and from dist alike. */
export const manifest = createRequire(import.meta.url)('cifar10-prune/package.json') as {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly bugs?: { readonly url: string };
};
