"""CHECKPOINT FROZEN IMAGES OUTPUT: the logits that TensorFlow computes for IMAGES (float32, 24x24x3 each) from the training
graph restored from CHECKPOINT and from the FROZEN graph, as JSON."""

import json
import sys

import numpy as np
import tensorflow as tf

checkpoint, frozen, images_file, output = sys.argv[1:]
images = np.fromfile(images_file, np.float32).reshape(-1, 24, 24, 3)


def restored_logits():
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        saver = tf.compat.v1.train.import_meta_graph(checkpoint + ".meta")
        saver.restore(session, checkpoint)
        return session.run(output + ":0", {"images:0": images})


def frozen_logits(graph_def, batches):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.import_graph_def(graph_def, name="")
        return [session.run(output + ":0", {"images:0": batch}) for batch in batches]


graph_def = tf.compat.v1.GraphDef()
with open(frozen, "rb") as file:
    graph_def.ParseFromString(file.read())

together, *apart = frozen_logits(graph_def, [images, images[:1], images[1:8], images[8:]])
print(
    json.dumps(
        {
            "nodes": [[node.name, node.op] for node in graph_def.node],
            "restored": restored_logits().flatten().tolist(),
            "frozen": together.flatten().tolist(),
            "in other batches": np.concatenate(apart).flatten().tolist(),
        }
    )
)
