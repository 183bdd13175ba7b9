"""FOLDER: runs each model that FOLDER/cases.json lists and prints, as JSON, what comes out of it.

ONNX Runtime computes products with int8 weights in int8, activations and all, unless it is told not to; both are asked.
"""

import json
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])


def onnx_outputs(path, images, outputs, **settings):
    options = onnxruntime.SessionOptions()
    for key, value in settings.items():
        options.add_session_config_entry(f"session.{key}", value)
    session = onnxruntime.InferenceSession(str(path), options)
    (given,) = session.get_inputs()
    assert [output.name for output in session.get_outputs()] == outputs
    return session.run(outputs, {given.name: images})


def ask_onnx(path, images, outputs):
    model = onnx.load(path)
    # Type inference takes operations to need dense weights, which ONNX Runtime makes of sparse ones when it loads them.
    onnx.checker.check_model(model, full_check=not model.graph.sparse_initializer)
    exact = onnx_outputs(path, images, outputs, qdq_matmulnbits_accuracy_level="1")
    return {"onnxruntime": exact, "onnxruntime by default": onnx_outputs(path, images, outputs)}


def ask_saved_model(path, images, outputs):
    served = tf.saved_model.load(path.parent).signatures["serving_default"]
    (given,) = served.structured_input_signature[1]
    results = served(**{given: tf.constant(images)})
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta_graph = tf.compat.v1.saved_model.load(session, ["serve"], str(path.parent))
        signature = meta_graph.signature_def["serving_default"]
        fetches = [signature.outputs[name].name for name in outputs]
        in_session = session.run(fetches, {signature.inputs[given].name: images})
    return {"function": [results[name].numpy() for name in outputs], "session": in_session}


def flat(results):
    return [value.flatten().tolist() for value in results]


answers = []
for case in json.loads((folder / "cases.json").read_text()):
    path = folder / case["file"]
    images = np.array(case["images"], np.float32).reshape(case["shape"])
    ask = ask_onnx if path.suffix == ".onnx" else ask_saved_model
    answers.append({key: flat(results) for key, results in ask(path, images, case["outputs"]).items()})

shown = subprocess.run(
    [str(pathlib.Path(sys.executable).parent / "saved_model_cli"), "show", "--all", "--dir"]
    + [str((folder / "small_saved_model").resolve())],
    capture_output=True,
    text=True,
    check=True,
)
print(json.dumps({"answers": answers, "saved_model_cli": shown.stdout}))
