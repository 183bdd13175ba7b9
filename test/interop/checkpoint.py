"""Reads a checkpoint of ours with TensorFlow: every variable, the imported graph, its saver, its logits.

usage: checkpoint.py DIR IMAGES      prints JSON; IMAGES holds float32 images of 24x24x3
"""
import json
import sys

import numpy as np
import tensorflow as tf
from google.protobuf import text_format

directory, images_path = sys.argv[1:]
images = np.fromfile(images_path, np.float32).reshape(-1, 24, 24, 3)
prefix = tf.train.latest_checkpoint(directory)
reader = tf.train.load_checkpoint(prefix)
shapes = reader.get_variable_to_shape_map()
sums = {name: float(np.sum(reader.get_tensor(name).astype(np.float64))) for name in shapes}

v1 = tf.compat.v1
with tf.Graph().as_default(), v1.Session() as session:
    saver = v1.train.import_meta_graph(prefix + '.meta')
    saver.restore(session, prefix)
    logits = session.run('softmax_linear/softmax_linear_2:0', {'images:0': images})
    variables = [variable.op.name for variable in v1.global_variables()]
    masks = [tensor.op.name for tensor in v1.get_collection('masks')]
    step = int(session.run(v1.train.get_global_step()))
    again = saver.save(session, directory + '/again/model.ckpt', global_step=step, write_meta_graph=False)

graph = v1.GraphDef()
with open(directory + '/graph.pbtxt') as text:
    text_format.Parse(text.read(), graph)

print(json.dumps({
    'prefix': prefix, 'shapes': shapes, 'sums': sums, 'logits': logits.ravel().tolist(), 'variables': variables,
    'masks': masks, 'step': step, 'again': again, 'nodes': len(graph.node),
}))
