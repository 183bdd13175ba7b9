"""FOLDER OUTPUT FORMAT...: what TensorFlow computes of FOLDER/FORMAT.pb and of FOLDER/FORMAT.rounded.pb in a v1 session, from
one batch of random images: by format whether both give the same bits, and the operations left after it optimized the graph,
as JSON."""

import json
import sys

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
folder, output, *formats = sys.argv[1:]
images = np.random.default_rng(5).normal(size=(3, 24, 24, 3)).astype(np.float32)


def run(file):
    graph_def = v1.GraphDef()
    with open(f'{folder}/{file}.pb', 'rb') as opened:
        graph_def.ParseFromString(opened.read())
    with tf.Graph().as_default(), v1.Session() as session:
        v1.import_graph_def(graph_def, name='')
        metadata = v1.RunMetadata()
        options = v1.RunOptions(output_partition_graphs=True)
        logits = session.run(output + ':0', {'images:0': images}, options, metadata)
        left = {node.op for graph in metadata.partition_graphs for node in graph.node}
        weights = session.run('local3/weights/masked_weight:0')
    return logits, weights, left


def same(a, b):
    return a.shape == b.shape and a.tobytes() == b.tobytes()


results = {}
for name in formats:
    logits, weights, left = run(name)
    expected_logits, expected_weights, _ = run(name + '.rounded')
    results[name] = {
        'same logits': same(logits, expected_logits),
        'same weights': same(weights, expected_weights),
        'largest': float(np.abs(logits).max()),
        'left': sorted(left),
    }
print(json.dumps(results))
