import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import type { Contestant } from '../contestant.ts';
import type { Materials } from '../materials.ts';
import { TfjsContestant } from './tfjs-network.ts';

/** TensorFlow.js on its wasm backend, which computes on one thread under Node. */
export async function openTfjsWasm(materials: Materials): Promise<Contestant> {
  await tf.setBackend('wasm');
  tf.registerKernel({ kernelName: tf.Conv2DBackpropFilter, backendName: 'wasm', kernelFunc: filterGradient });
  return new TfjsContestant(`TensorFlow.js ${tf.version.tfjs}, wasm`, materials);
}

/**
 * What the backend lacks for training, by a convolution of its own with batch and channels exchanged, for stride 1: dW[i, j, c, k] is the
 * sum over n, y, x of X[n, y + i - top, x + j - left, c] * dY[n, y, x, k].
 */
function filterGradient({ inputs, attrs }: Parameters<tf.KernelFunc>[0]): tf.TensorInfo {
  const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
  const { pad, filterShape } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  const { padInfo } = tf.backend_util.computeConv2DInfo(x.shape, filterShape, 1, 1, pad);
  const { top, bottom, left, right } = padInfo;
  return tf.tidy(() => {
    const padded = tf.pad(tf.transpose(x, [3, 1, 2, 0]), [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    return tf.transpose(
      tf.conv2d(padded as tf.Tensor4D, tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D, 1, 'valid'),
      [1, 2, 0, 3],
    );
  });
}
