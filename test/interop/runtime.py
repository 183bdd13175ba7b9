"""Writes a frozen graph of every operation that the runtime knows, images, and what TensorFlow computes of them."""

import pathlib
import sys

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(3)


def constant(name, *shape):
    return tf.constant(random.normal(size=shape).astype('<f4'), name=name)


with tf.Graph().as_default() as graph:
    images = v1.placeholder(tf.float32, [None, 9, 8, 3], name='images')
    x = tf.nn.conv2d(images, constant('w1', 3, 2, 3, 6), strides=[1, 2, 1, 1], padding='SAME')
    x = tf.nn.relu(tf.nn.bias_add(x, constant('b1', 6)))
    x = tf.nn.max_pool2d(x, [2, 3], [1, 2], 'SAME')
    x = tf.nn.local_response_normalization(x)
    x = tf.nn.conv2d(x, constant('w2', 2, 2, 6, 4), strides=1, padding='VALID', dilations=2)
    x = tf.nn.local_response_normalization(x, 1, bias=2.0, alpha=0.3, beta=0.75)
    x = tf.raw_ops.Add(x=tf.identity(x) * constant('scale', 1, 4), y=constant('shift', 4))
    y = tf.nn.conv2d(x, constant('w4', 1, 1, 4, 3), strides=1, padding='SAME')
    x = tf.concat([x, y, tf.raw_ops.AddV2(x=y, y=y)], axis=-1)
    x = tf.nn.max_pool2d(x, 2, 1, 'VALID')
    size = int(np.prod(x.shape[1:]))
    x = tf.reshape(x, [-1, size])
    x = tf.matmul(x, constant('w3', 7, size), transpose_b=True)
    x = tf.raw_ops.AddV2(x=x, y=constant('b3', 7))
    tf.nn.softmax(x, name='probabilities')

values = random.normal(size=[5, 9, 8, 3]).astype('<f4')
with v1.Session(graph=graph) as session:
    probabilities = session.run('probabilities:0', {'images:0': values})

(folder / 'model.pb').write_bytes(graph.as_graph_def().SerializeToString())
values.tofile(folder / 'images')
probabilities.astype('<f4').tofile(folder / 'probabilities')
print(' '.join(sorted({node.op for node in graph.as_graph_def().node})))
