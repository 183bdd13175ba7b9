import { createRequire } from 'node:module';
import { type Contestant, Unavailable } from '../contestant.ts';
import type { Materials } from '../materials.ts';
import { TfjsContestant } from './tfjs-network.ts';

const PACKAGE = '@tensorflow/tfjs-node';

/** TensorFlow.js on libtensorflow, on all cores: it takes no number of threads. */
export async function openTfjsNode(materials: Materials): Promise<Contestant> {
  const require = createRequire(import.meta.url);
  try {
    require(PACKAGE);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'MODULE_NOT_FOUND' && message.includes(`'${PACKAGE}'`);
    throw new Unavailable(
      missing ? `${PACKAGE} is not installed` : `${PACKAGE} fails to load: ${message.split('\n')[0]}`,
    );
  }
  const { version } = require(`${PACKAGE}/package.json`) as { version: string };
  return new TfjsContestant(`${PACKAGE} ${version}`, materials);
}
