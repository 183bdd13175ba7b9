import { UserError } from '../../errors.ts';
import type { Device } from '../device.ts';
import { BACKEND_NAMES, BACKEND_PACKAGES, type BackendName } from './backend-names.ts';
import { type Backend, loadBackend } from './backends.ts';
import { TfjsEngine } from './tfjs-engine.ts';
import { TfjsExecutor } from './tfjs-executor.ts';

/**
 * Opens TensorFlow.js on the named backend or, for `auto`, on the first of `BACKEND_NAMES` that works here.
 *
 * @param why why the named backend was chosen; becomes part of the device's reason
 * @throws UserError `engine` if the named backend cannot be used or, for `auto`, if none can
 */
export async function openDevice(choice: BackendName | 'auto', why: string): Promise<Device> {
  if (choice !== 'auto') {
    const backend = await loadBackend(choice).catch((error: Error) => {
      throw new UserError('engine', `backend ${choice}: ${error.message}`, howToGet(choice), {
        cause: error,
      });
    });
    return device(backend, why);
  }
  const failures: string[] = [];
  for (const name of BACKEND_NAMES) {
    try {
      const backend = await loadBackend(name);
      return device(
        backend,
        [`the first of ${BACKEND_NAMES.join(', ')} that works here`, ...failures].join('; '),
      );
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new UserError('engine', `no backend of TensorFlow.js works here: ${failures.join('; ')}`);
}

function device(backend: Backend, why: string): Device {
  return {
    name: `tfjs:${backend.name}`,
    reason: `tfjs on ${backend.description}, ${why}`,
    isOnGpu: backend.isOnGpu,
    createEngine: (network) => new TfjsEngine(network, backend),
    createExecutor: (plan) => new TfjsExecutor(plan, backend),
  };
}

function howToGet(backend: BackendName): string {
  return `Run npm install ${BACKEND_PACKAGES[backend]}, or leave --backend out to use what is here.`;
}
