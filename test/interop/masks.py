"""Schedules, masks and thresholds in TensorFlow's arithmetic, one operation after the other in float32.

Reads request.json and raw little-endian tensors from a folder, writes raw little-endian tensors into it.
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / 'request.json').read_text())


def read(file):
    return np.fromfile(folder / file, '<f4')


def write(file, values):
    np.asarray(values, '<f4').tofile(folder / file)


def power(step, begin, end, exponent):
    """(1 - p) ** exponent of a scalar step."""
    p = tf.divide(tf.cast(tf.constant(step, tf.int32) - begin, tf.float32), end - begin)
    p = tf.minimum(1.0, tf.maximum(0.0, p))
    return tf.pow(1 - p, exponent)


def sparsity(step, initial, target, begin, end, exponent):
    return tf.add(tf.multiply(initial - target, power(step, begin, end, exponent)), target)


def descending(magnitudes):
    flat = tf.reshape(magnitudes, [-1])
    return tf.nn.top_k(flat, k=tf.size(flat)).values


def threshold_at(magnitudes_descending, sparsity):
    size = tf.cast(tf.size(magnitudes_descending), tf.float32)
    k = tf.cast(tf.round(size * (1 - sparsity)), tf.int32)
    return tf.gather(magnitudes_descending, k - 1)


def smooth(now, old, decay):
    return tf.add_n([tf.multiply(now, 1 - decay), tf.multiply(old, decay)])


def mask_of(magnitudes, threshold):
    return tf.cast(tf.greater_equal(magnitudes, threshold), tf.float32)


def schedules():
    for number, schedule in enumerate(request['schedules']):
        values = [sparsity(step, *schedule['function']) for step in schedule['steps']]
        write(f'schedule-{number}', values)


def masks():
    sparsities = tf.constant(read('sparsities'))
    for number, file in enumerate(request['tensors']):
        magnitudes = tf.abs(tf.constant(read(file)))
        ordered = descending(magnitudes)
        thresholds = [threshold_at(ordered, s) for s in sparsities]
        write(f'thresholds-{number}', thresholds)
        write(f'masks-{number}', [mask_of(magnitudes, threshold) for threshold in thresholds])


def decay():
    chain = request['decay']
    threshold = tf.constant(0.0)
    thresholds = []
    for number, step in enumerate(chain['steps']):
        magnitudes = tf.abs(tf.constant(read(chain['tensors'][number])))
        now = threshold_at(descending(magnitudes), sparsity(step, *chain['function']))
        threshold = smooth(now, threshold, chain['decay'])
        thresholds.append(threshold)
        write(f'decay-mask-{number}', mask_of(magnitudes, threshold))
    write('decay-thresholds', thresholds)


def blocks():
    weights = read(request['blocks']['tensor']).reshape(request['blocks']['shape'])
    rows, columns = weights.shape
    target = tf.constant(request['blocks']['sparsity'], tf.float32)
    thresholds = []
    for number, (height, width, pooling) in enumerate(request['blocks']['cases']):
        height = rows if height == -1 else height
        width = columns if width == -1 else width
        padding = [[0, -rows % height], [0, -columns % width]]
        if pooling == 'AVG':
            tiles = np.lib.stride_tricks.sliding_window_view
            total = tiles(np.pad(np.abs(weights).astype(np.float64), padding), (height, width))
            count = tiles(np.pad(np.ones(weights.shape), padding), (height, width))
            cut = (slice(None, None, height), slice(None, None, width))
            pooled = total[cut].sum((2, 3)) / count[cut].sum((2, 3))
            pooled = tf.constant(pooled.astype(np.float32))
        else:
            padded = tf.pad(tf.abs(weights), padding)[tf.newaxis, :, :, tf.newaxis]
            pooled = tf.nn.max_pool2d(padded, (height, width), (height, width), 'VALID')[0, :, :, 0]
        threshold = threshold_at(descending(pooled), target)
        thresholds.append(threshold)
        mask = mask_of(pooled, threshold)
        mask = tf.repeat(tf.repeat(mask, height, axis=0), width, axis=1)
        write(f'block-mask-{number}', mask[:rows, :columns])
    write('block-thresholds', thresholds)


schedules()
masks()
decay()
blocks()
