"""One training step of the CIFAR-10 network in TensorFlow's own operations and gradients, float32, from raw tensors.

Reads variables, masks, a batch and what was pooled from a folder, writes what the step gives into it, all of them raw,
little-endian, in files named as the tensors, with `.` for `/`.
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / 'request.json').read_text())
SHAPES = {
    'conv1': ([5, 5, 3, 64], 64),
    'conv2': ([5, 5, 64, 64], 64),
    'local3': ([2304, 384], 384),
    'local4': ([384, 192], 192),
    'softmax_linear': ([192, 10], 10),
}
DECAYS = {'local3': 0.004, 'local4': 0.004}


def path(name):
    return folder / name.replace('/', '.')


def read(name, shape, dtype='<f4'):
    return tf.constant(np.fromfile(path(name), dtype).reshape(shape))


def write(name, values):
    np.asarray(values, '<f4').tofile(path(name))


def pool(x):
    return tf.nn.max_pool2d(x, 3, 2, 'SAME')


def norm(x):
    return tf.nn.local_response_normalization(x, 4, bias=1.0, alpha=0.001 / 9, beta=0.75)


def conv(x, weights, biases):
    return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, weights, 1, 'SAME'), biases))


def network(images, weights, biases):
    x = conv(images, weights['conv1'], biases['conv1'])
    x = norm(pool(x))
    x = conv(x, weights['conv2'], biases['conv2'])
    x = pool(norm(x))
    x = tf.reshape(x, [-1, 2304])
    x = tf.nn.relu(tf.matmul(x, weights['local3']) + biases['local3'])
    x = tf.nn.relu(tf.matmul(x, weights['local4']) + biases['local4'])
    return tf.matmul(x, weights['softmax_linear']) + biases['softmax_linear']


def step(case):
    images = read('images', [-1, 24, 24, 3])
    labels = tf.cast(read('labels', [-1], 'u1'), tf.int32)
    weights = {layer: tf.Variable(read(f'{layer}/weights', shape)) for layer, (shape, _) in SHAPES.items()}
    biases = {layer: tf.Variable(read(f'{layer}/biases', [n])) for layer, (_, n) in SHAPES.items()}
    masks = {layer: read(f'{case}/{layer}/mask', shape) for layer, (shape, _) in SHAPES.items()}

    with tf.GradientTape() as tape:
        masked = {layer: weights[layer] * masks[layer] for layer in SHAPES}
        logits = network(images, masked, biases)
        per_example = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        cross_entropy = tf.reduce_mean(per_example)
        weight_losses = [DECAYS.get(layer, 0.0) * tf.nn.l2_loss(weights[layer]) for layer in SHAPES]
        total_loss = tf.add_n([cross_entropy, *weight_losses])

    variables = {f'{layer}/weights': weights[layer] for layer in SHAPES}
    variables |= {f'{layer}/biases': biases[layer] for layer in SHAPES}
    gradients = tape.gradient(total_loss, variables)
    write(f'{case}/logits', logits)
    write(f'{case}/losses', [total_loss, cross_entropy, *weight_losses])
    for name, variable in variables.items():
        average = tf.Variable(read(f'{name}/ExponentialMovingAverage', variable.shape))
        write(f'{case}/{name}/gradient', gradients[name])
        variable.assign_sub(request['learningRate'] * gradients[name])
        average.assign_sub((average - variable) * (1 - request['averageDecay']))
        write(f'{case}/{name}', variable)
        write(f'{case}/{name}/ExponentialMovingAverage', average)


def pooling_gradient():
    x = read('pooled', request['pooledShape'])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = pool(x)
    dy = tf.reshape(tf.range(tf.size(y), dtype=tf.float32), y.shape)
    write('pooling-gradient', tape.gradient(y, x, dy))


for case in request['cases']:
    step(case)
pooling_gradient()
