import { CIFAR10_DATASET } from '../dataset/cifar10.ts';
import { SYNTHETIC_DATASET } from '../dataset/synthetic/source.ts';
import { layerOutputName } from '../model/names.ts';
import type { LrnLayer, MaxPoolLayer, Network } from '../model/network.ts';
import { growingDecay, staircase } from './schedules.ts';
import type { Task } from './task.ts';

const pool = (name: string): MaxPoolLayer => ({ kind: 'max_pool', name, size: 3, stride: 2 });
const lrn = (name: string): LrnLayer => ({
  kind: 'lrn',
  name,
  depthRadius: 4,
  bias: 1,
  alpha: 0.001 / 9,
  beta: 0.75,
});

/**
 * The network of TensorFlow's CIFAR-10 pruning example. Note that block 1 pools and then normalizes, block 2 normalizes
 * and then pools.
 */
export const CIFAR10_NETWORK: Network = {
  input: [24, 24, 3],
  classes: 10,
  layers: [
    {
      kind: 'conv2d',
      name: 'conv1',
      kernel: [5, 5, 3, 64],
      stride: 1,
      activation: 'relu',
      weightStddev: 0.05,
      biasInit: 0,
      weightDecay: 0,
    },
    pool('pool1'),
    lrn('norm1'),
    {
      kind: 'conv2d',
      name: 'conv2',
      kernel: [5, 5, 64, 64],
      stride: 1,
      activation: 'relu',
      weightStddev: 0.05,
      biasInit: 0.1,
      weightDecay: 0,
    },
    lrn('norm2'),
    pool('pool2'),
    {
      kind: 'fully_connected',
      name: 'local3',
      inputs: 2304,
      outputs: 384,
      activation: 'relu',
      weightStddev: 0.04,
      biasInit: 0.1,
      weightDecay: 0.004,
    },
    {
      kind: 'fully_connected',
      name: 'local4',
      inputs: 384,
      outputs: 192,
      activation: 'relu',
      weightStddev: 0.04,
      biasInit: 0.1,
      weightDecay: 0.004,
    },
    {
      kind: 'fully_connected',
      name: 'softmax_linear',
      inputs: 192,
      outputs: 10,
      activation: 'none',
      weightStddev: 1 / 192,
      biasInit: 0,
      weightDecay: 0,
    },
  ],
};

const BATCH_SIZE = 128;
/** Images per epoch in the schedule of the learning rate, whichever dataset is used. */
const EXAMPLES_PER_EPOCH = 50_000;
const EPOCHS_PER_DECAY = 350;

/** TensorFlow's CIFAR-10 pruning example, with its network, augmentation, learning rate and moving averages. */
export const CIFAR10: Task = {
  name: 'cifar10',
  title: 'the CIFAR-10 network',
  network: CIFAR10_NETWORK,
  datasets: [CIFAR10_DATASET, SYNTHETIC_DATASET],
  recipe: {
    batchSize: BATCH_SIZE,
    learningRate: staircase({
      initial: 0.1,
      factor: 0.1,
      stepsPerDecay: Math.trunc((EPOCHS_PER_DECAY * EXAMPLES_PER_EPOCH) / BATCH_SIZE),
    }),
    averageDecay: growingDecay(0.9999),
    augmentation: { flip: true, brightness: 63, contrast: [0.2, 1.8] },
  },
  outputName: layerOutputName('softmax_linear'),
};
