import { type Running, type StartOptions, startProgram } from './command.ts';

/**
 * Obtains CIFAR-10's files through the built library in a process of its own. The command line takes nothing but the real archive,
 * whose MD5 it knows.
 */
export function obtain(dataDir: string, url: string, md5: string, options?: StartOptions): Running {
  const script = `
    import { explainSystemError } from './dist/src/cli/system-error.js';
    import { loadDataset } from './dist/src/dataset/index.js';
    try {
      await loadDataset({ name: 'cifar10', ...JSON.parse(process.argv[1]) });
    } catch (thrown) {
      const error = explainSystemError(thrown) ?? thrown;
      if (error.name !== 'UserError') throw error;
      console.error('error: ' + error.message);
      process.exitCode = 1;
    }`;
  const dataset = JSON.stringify({ dataDir, url, md5 });
  return startProgram(['--input-type=module', '--eval', script, dataset], options);
}
