"""FOLDER: what TensorFlow, ONNX and TensorBoard find in the files that FOLDER/files.json lists, as JSON.

For each model the masked weights by name: shape and number of values that are not zero, and what TensorFlow's profiler
counts as floating point operations of one image. For an event file the names of the graph's nodes.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

v1 = tf.compat.v1
folder = pathlib.Path(sys.argv[1])
MASKED = "/masked_weight"


def counted(values):
    return {"shape": list(values.shape), "nonzero": int(np.count_nonzero(values))}


def graph_findings(graph_def):
    with tf.Graph().as_default() as graph, v1.Session() as session:
        image = v1.placeholder(tf.float32, [1, 24, 24, 3], name="one_image")
        v1.import_graph_def(graph_def, {"images": image}, name="")
        names = [node.name for node in graph_def.node if node.name.endswith(MASKED)]
        weights = {name: counted(session.run(name + ":0")) for name in names}
        options = v1.profiler.ProfileOptionBuilder.float_operation()
        options["output"] = "none"
        options["show_name_regexes"] = [".*(Conv2D|MatMul).*"]
        options["account_type_regexes"] = ["Conv2D|MatMul"]
        flops = v1.profiler.profile(graph, options=options).total_float_ops
    return {"weights": weights, "flops": flops}


def frozen_graph(path):
    graph_def = v1.GraphDef()
    graph_def.ParseFromString(path.read_bytes())
    return graph_findings(graph_def)


def saved_model(path):
    with tf.Graph().as_default(), v1.Session() as session:
        meta_graph = v1.saved_model.load(session, ["serve"], str(path.parent))
    return graph_findings(meta_graph.graph_def)


def onnx_model(path):
    """ONNX orders the axes of weights in its own way, so shapes are sorted."""
    graph = onnx.load(path).graph
    weights = {
        tensor.name: counted(onnx.numpy_helper.to_array(tensor)) for tensor in graph.initializer
    }
    for sparse in graph.sparse_initializer:
        nonzero = np.count_nonzero(onnx.numpy_helper.to_array(sparse.values))
        weights[sparse.values.name] = {"shape": list(sparse.dims), "nonzero": int(nonzero)}
    return {"weights": {name: found for name, found in weights.items() if len(found["shape"]) > 1}}


def event_file(path):
    events = EventAccumulator(str(path))
    events.Reload()
    return {"nodes": [node.name for node in events.Graph().node]}


READERS = {"pb": frozen_graph, "saved_model": saved_model, "onnx": onnx_model, "events": event_file}
asked = json.loads((folder / "files.json").read_text())
print(json.dumps([READERS[kind](folder / file) for kind, file in asked]))
