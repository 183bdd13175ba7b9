import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread on a module in the caller's folder or below.
 *
 * @param name path of the module relative to the caller, without extension: `./prefetch-worker`
 * @param caller the caller's `import.meta.url`; the module has the same extension: `.js` when compiled, `.ts` in sources
 */
export function startWorker(name: string, caller: string, options: WorkerOptions = {}): Worker {
  const extension = extname(caller);
  // Does not pass on the process's own flags: some, such as --input-type, would prevent a worker from starting.
  const execArgv = extension === '.ts' ? ['--import', registerTsx()] : [];
  return new Worker(new URL(name + extension, caller), { execArgv, ...options });
}

/** The URL of a module that registers tsx, which otherwise transpiles in the main thread only. */
function registerTsx(): string {
  const code = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
