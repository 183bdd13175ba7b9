import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread on a module beside the caller's own.
 *
 * @param name path of the module relative to the caller, without extension: `./prefetch-worker`
 * @param caller the caller's `import.meta.url`; its extension is the module's, too: `.js` once compiled, `.ts` in sources
 */
export function startWorker(name: string, caller: string, options: WorkerOptions = {}): Worker {
  const extension = extname(caller);
  // The process's own flags are left out: some, such as --input-type, would keep a worker from starting.
  const execArgv = extension === '.ts' ? ['--import', registerTsx()] : [];
  return new Worker(new URL(name + extension, caller), { execArgv, ...options });
}

/** A module that makes tsx transpile in a worker, too; on its own it does so in the main thread only. */
function registerTsx(): string {
  const code = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
