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
  const url = new URL(name + extension, caller);
  if (extension !== '.ts') return new Worker(url, options);
  // Whoever runs the sources does so through tsx, which transpiles for the main thread only unless it is asked to.
  const register = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register();`;
  const preload = `data:text/javascript,${encodeURIComponent(register)}`;
  return new Worker(url, { ...options, execArgv: [...process.execArgv, '--import', preload] });
}
