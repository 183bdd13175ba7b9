"""Trains networks that branch, given as data, in TensorFlow's own operations and gradients, float32, and prunes them.

Reads request.json, initial variables, images and labels from a folder, these raw, little-endian, in files named as the tensors,
with `.` for `/`. Prints, as JSON, each network's total loss and sparsity at every step.
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / 'request.json').read_text())


def read(name, shape, dtype='<f4'):
    return np.fromfile(folder / name.replace('/', '.'), dtype).reshape(shape)


def shape_of(layer):
    return layer['kernel'] if layer['kind'] == 'conv2d' else [layer['inputs'], layer['outputs']]


def activated(layer, x):
    return tf.nn.relu(x) if layer['activation'] == 'relu' else x


def apply(layer, inputs, weights, biases):
    x = inputs[0]
    if layer['kind'] == 'conv2d':
        x = tf.nn.conv2d(x, weights[layer['name']], layer['stride'], 'SAME')
        return activated(layer, tf.nn.bias_add(x, biases[layer['name']]))
    if layer['kind'] == 'max_pool':
        return tf.nn.max_pool2d(x, layer['size'], layer['stride'], 'SAME')
    if layer['kind'] == 'lrn':
        return tf.nn.local_response_normalization(
            x, layer['depthRadius'], bias=layer['bias'], alpha=layer['alpha'], beta=layer['beta']
        )
    if layer['kind'] == 'add':
        for other in inputs[1:]:
            x = x + other
        return activated(layer, x)
    if layer['kind'] == 'concat':
        return tf.concat(inputs, axis=-1)
    x = tf.reshape(x, [-1, layer['inputs']])
    return activated(layer, tf.matmul(x, weights[layer['name']]) + biases[layer['name']])


def logits_of(network, images, weights, biases):
    tensors = {'images': images}
    output = images
    for layer in network['layers']:
        inputs = [tensors[name] for name in layer['from']] if 'from' in layer else [output]
        output = apply(layer, inputs, weights, biases)
        tensors[layer['name']] = output
    return tf.reshape(output, [-1, network['classes']])


def train(name, network):
    weighted = [layer for layer in network['layers'] if 'weightDecay' in layer]
    names = [layer['name'] for layer in weighted]
    weights = {
        layer['name']: tf.Variable(read(f'{name}/{layer["name"]}/weights', shape_of(layer))) for layer in weighted
    }
    biases = {layer: tf.Variable(read(f'{name}/{layer}/biases', [-1])) for layer in names}
    masks = {layer: tf.ones_like(weights[layer]) for layer in names}
    images = read('images', [request['steps'], -1, *network['input']])
    labels = read('labels', [request['steps'], -1], 'u1').astype('i4')

    @tf.function
    def gradients(images, labels, masks):
        with tf.GradientTape() as tape:
            masked = {layer: weights[layer] * masks[layer] for layer in names}
            logits = logits_of(network, images, masked, biases)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            decays = [layer['weightDecay'] * tf.nn.l2_loss(weights[layer['name']]) for layer in weighted]
            total_loss = tf.add_n([tf.reduce_mean(losses), *decays])
        return total_loss, tape.gradient(total_loss, (weights, biases))

    steps = []
    for step in range(1, request['steps'] + 1):
        total_loss, (of_weights, of_biases) = gradients(images[step - 1], labels[step - 1], masks)
        for layer in names:
            weights[layer].assign_sub(request['learningRate'] * of_weights[layer])
            biases[layer].assign_sub(request['learningRate'] * of_biases[layer])
        for layer, survivors in request['survivors'][name].get(str(step), {}).items():
            magnitudes = tf.abs(weights[layer])
            least = tf.math.top_k(tf.reshape(magnitudes, [-1]), survivors).values[-1]
            masks[layer] = tf.cast(magnitudes >= least, tf.float32)
        zeros = sum(float(tf.reduce_sum(1 - masks[layer])) for layer in names)
        steps.append([float(total_loss), zeros / sum(int(tf.size(masks[layer])) for layer in names)])
    return steps


print(json.dumps({name: train(name, network) for name, network in request['networks'].items()}))
