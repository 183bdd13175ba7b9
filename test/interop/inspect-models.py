"""FOLDER: builds Keras models, writes each frozen and as a SavedModel, and prints what TensorFlow says of them as JSON.

By the model's name: the values of all weights that convolutions and matrix products multiply by, and how often they are
multiplied for one image, by the shapes that TensorFlow infers of the frozen graph.
"""

import json
import math
import pathlib
import sys

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

layers = tf.keras.layers
folder = pathlib.Path(sys.argv[1])
PASSING = {"Identity", "ExpandDims", "Reshape", "Transpose", "Squeeze", "Cast"}


def conv1d():
    signal = tf.keras.Input((40, 8))
    x = layers.Conv1D(16, 5, strides=2)(signal)
    x = layers.Conv1D(16, 3, dilation_rate=2, padding="same")(x)
    return tf.keras.Model(signal, layers.Dense(3)(layers.GlobalAveragePooling1D()(x)))


def siamese():
    tower = tf.keras.Sequential(
        [tf.keras.Input((16, 16, 3)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(4)]
    )
    left, right = tf.keras.Input((16, 16, 3)), tf.keras.Input((16, 16, 3))
    return tf.keras.Model([left, right], layers.Dense(1)(tower(left) - tower(right)))


def unet():
    image = tf.keras.Input((32, 32, 3))
    a = layers.Conv2D(8, 3, padding="same")(image)
    b = layers.Conv2D(16, 3, padding="same")(layers.AveragePooling2D(2)(a))
    c = layers.Conv2D(16, 3, strides=2, padding="same")(b)
    d = layers.Concatenate()([layers.UpSampling2D(2, interpolation="bilinear")(c), b])
    d = layers.Conv2D(8, 3, dilation_rate=2, padding="same")(d)
    e = layers.Concatenate()([layers.Conv2DTranspose(8, 3, strides=2, padding="same")(d), a])
    return tf.keras.Model(image, layers.Conv2D(2, 1)(e))


def transformer():
    tokens = tf.keras.Input((10, 16))
    x = layers.LayerNormalization()(tokens + layers.MultiHeadAttention(2, 4)(tokens, tokens))
    x = x + layers.Dense(16)(layers.Dense(32, activation="gelu")(x))
    return tf.keras.Model(tokens, layers.Dense(5)(layers.GlobalAveragePooling1D()(x)))


def mobilenet_v1():
    return tf.keras.applications.MobileNet((96, 96, 3), alpha=0.25, weights=None)


def mobilenet_v2():
    return tf.keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None)


def frozen(model):
    specs = [tf.TensorSpec(each.shape, tf.float32) for each in model.inputs]
    call = tf.function(lambda *given: model(list(given) if len(given) > 1 else given[0], training=False))
    return convert_variables_to_constants_v2(call.get_concrete_function(*specs)).graph.as_graph_def()


def origin(tensor):
    """The constant that a tensor is, however it is arranged; None for what depends on an input."""
    operation = tensor.op
    while operation.type in PASSING:
        operation = operation.inputs[0].op
    return operation if operation.type == "Const" else None


def multiplied(operation):
    """The extents whose product is the number of multiply-adds, and the operand that is a weight."""
    kind, inputs = operation.type, operation.inputs
    if "Conv2DBackprop" in kind:
        return inputs[2].shape[:-1] + inputs[1].shape, inputs[1]
    if "Conv2D" in kind or "Conv2d" in kind:
        return operation.outputs[0].shape[:-1] + inputs[1].shape, inputs[1]
    known = [each for each in inputs if origin(each) is not None] if "MatMul" in kind or kind == "Einsum" else []
    if len(known) != 1:
        return None
    if kind == "Einsum":
        labels = operation.get_attr("equation").decode().split("->")[0].split(",")
        extents = {c: e for term, each in zip(labels, inputs) for c, e in zip(term, each.shape)}
        return list(extents.values()), known[0]
    turned = operation.get_attr("transpose_a" if kind == "MatMul" else "adj_x")
    return operation.outputs[0].shape + inputs[0].shape[-2 if turned else -1 :][:1], known[0]


def findings(graph_def):
    one = {
        node.name: [1] + [each.size for each in node.attr["shape"].shape.dim[1:]]
        for node in graph_def.node
        if node.op == "Placeholder"
    }
    with tf.Graph().as_default() as graph:
        given = {name: tf.compat.v1.placeholder(tf.float32, shape) for name, shape in one.items()}
        tf.compat.v1.import_graph_def(graph_def, given, name="")
    weights, multiply_adds = {}, 0
    for found in filter(None, map(multiplied, graph.get_operations())):
        extents, weight = found
        multiply_adds += math.prod(int(extent) for extent in extents)
        constant = origin(weight)
        weights[constant.name] = math.prod(constant.outputs[0].shape)
    return {"values": sum(weights.values()), "multiply_adds": multiply_adds}


report = {}
for build in [conv1d, siamese, unet, transformer, mobilenet_v1, mobilenet_v2]:
    model = build()
    graph_def = frozen(model)
    (folder / f"{build.__name__}.pb").write_bytes(graph_def.SerializeToString())
    report[build.__name__] = findings(graph_def)
    if build is siamese:
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
        tf.saved_model.save(model, str(folder / "saved_model"))
print(json.dumps(report))
