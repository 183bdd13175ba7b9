"""Masks applied inside functions, loops and branches, and in many forms.

usage: masked-graphs.py write FOLDER     saves a checkpoint and its graph in FOLDER/NAME for each network
       masked-graphs.py judge FOLDER     runs each restored graph and FOLDER/NAME/frozen.pb, and prints as JSON what they give
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
command, folder = sys.argv[1], pathlib.Path(sys.argv[2])
BATCH, STEPS, FEATURES, UNITS = 2, 4, 3, 5
NETWORKS = {}


class Network:
    """Variables by name with seeded values, masks of zeros and ones."""

    def __init__(self):
        self.random = np.random.default_rng(5)
        self.dtype = np.float32

    def weights(self, name, *shape):
        return v1.get_variable(name, initializer=self.random.standard_normal(shape).astype(self.dtype))

    def mask(self, name, *shape, dtype=None):
        values = (self.random.random(shape) < 0.5).astype(dtype or self.dtype)
        return v1.get_variable(name, initializer=values, trainable=False)

    def pair(self, name, *shape):
        return self.weights(name + "/kernel", *shape), self.mask(name + "/mask", *shape)


def network(*, resource=True, v2=True, gradients=False, masks=0):
    """masks: how many masks the stripped graph is to keep"""

    def register(build):
        NETWORKS[build.__name__] = dict(
            build=build, resource=resource, v2=v2, gradients=gradients, masks=masks
        )
        return build

    return register


def gru(net, x):
    gate, gate_mask = net.pair("gates", FEATURES + UNITS, 2 * UNITS)
    candidate, candidate_mask = net.pair("candidate", FEATURES + UNITS, UNITS)
    bias = net.weights("gates/bias", 2 * UNITS)

    def body(step, hidden):
        given = x[:, step]
        gates = tf.matmul(tf.concat([given, hidden], 1), tf.multiply(gate_mask, gate)) + bias
        update, reset = tf.split(tf.sigmoid(gates), 2, axis=1)
        new = tf.tanh(tf.matmul(tf.concat([given, reset * hidden], 1), candidate_mask * candidate))
        return step + 1, update * hidden + (1 - update) * new

    start = [tf.constant(0), tf.zeros([tf.shape(x)[0], UNITS], x.dtype)]
    return tf.while_loop(lambda step, _: step < STEPS, body, start)[1]


@network()
def gru_of_resources(net, x):
    return gru(net, x)


@network(gradients=True)
def gru_in_training(net, x):
    return gru(net, x)


@network(resource=False)
def gru_of_references(net, x):
    return gru(net, x)


@network(resource=False, gradients=True)
def gru_of_references_in_training(net, x):
    return gru(net, x)


@network()
def gru_of_doubles(net, x):
    net.dtype = np.float64
    return gru(net, tf.cast(x, tf.float64))


@network()
def gru_of_halves(net, x):
    net.dtype = np.float16
    return gru(net, tf.cast(x, tf.float16))


@network(gradients=True)
def helpers(net, x):
    @tf.function
    def layer(given, mask, weights):
        return tf.nn.relu(tf.matmul(given, tf.multiply(mask, weights)))

    @tf.function
    def masked(mask, weights):
        return tf.stop_gradient(mask) * weights

    @tf.function
    def connections(mask):
        return tf.cast(mask > 0.5, tf.float32)

    @tf.function
    def product(one, other):
        return one * other

    shared, shared_mask = net.pair("shared", FEATURES, FEATURES)
    flow = layer(layer(x[:, 0], shared_mask, shared), shared_mask, shared)
    kernel, mask = net.pair("other", FEATURES, FEATURES)
    flow = layer(flow, mask, kernel)
    kernel, mask = net.pair("returned", FEATURES, FEATURES)
    flow = tf.matmul(flow, masked(mask, kernel))
    kernel, mask = net.pair("connected", FEATURES, FEATURES)
    flow = tf.matmul(flow, product(connections(mask), kernel))
    return product(flow, x[:, 1]) + product(x[:, 2], x[:, 3])


@network()
def nested(net, x):
    inner, inner_mask = net.pair("inner", FEATURES, FEATURES)
    outer, outer_mask = net.pair("outer", FEATURES, FEATURES)
    table = net.weights("table", STEPS, FEATURES)

    @tf.function
    def twice(flow):
        def body(step, flow):
            row = tf.nn.embedding_lookup(table, step)
            flow = tf.cond(
                tf.reduce_sum(flow) > 0,
                lambda: tf.matmul(flow, tf.where(inner_mask > 0.5, inner, tf.zeros_like(inner))),
                lambda: tf.matmul(flow, tf.where(tf.cast(inner_mask, tf.bool), inner, 0.0)) + 1,
            )
            return step + 1, tf.tanh(flow + row)

        return tf.while_loop(lambda step, _: step < 2, body, [tf.constant(0), flow])[1]

    def body(step, flow):
        return step + 1, tf.matmul(twice(flow), outer_mask * outer)

    return tf.while_loop(lambda step, _: step < 3, body, [tf.constant(0), x[:, 0]])[1]


@network(gradients=True)
def cases(net, x):
    pairs = [net.pair(f"case{index}", FEATURES, FEATURES) for index in range(3)]
    branches = [lambda kernel=kernel, mask=mask: tf.matmul(x[:, 0], mask * kernel) for kernel, mask in pairs]
    return tf.switch_case(tf.cast(tf.reduce_sum(x) > 0, tf.int32), branches)


@network(v2=False, resource=False)
def branches_of_nodes(net, x):
    left, left_mask = net.pair("left", FEATURES, FEATURES)
    right, right_mask = net.pair("right", FEATURES, FEATURES)
    return v1.cond(
        tf.reduce_sum(x) > 0,
        lambda: tf.matmul(x[:, 0], left_mask * left),
        lambda: tf.matmul(x[:, 0], tf.where(right_mask > 0.5, right, tf.zeros_like(right))),
    )


@network()
def forms(net, x):
    flow = x[:, 0]
    shape = [FEATURES, FEATURES]

    def layer(flow, apply, **options):
        name = f"layer{len(v1.global_variables())}"
        mask = net.mask(name + "/mask", *options.get("shape", shape), dtype=options.get("dtype"))
        return tf.tanh(4 * tf.matmul(flow, apply(mask, net.weights(name + "/kernel", *shape))) + 1)

    flow = layer(flow, lambda mask, kernel: kernel * mask)
    flow = layer(flow, lambda mask, kernel: tf.stop_gradient(mask) * kernel)
    flow = layer(flow, lambda mask, kernel: tf.cast(mask > 0.5, tf.float32) * kernel)
    flow = layer(flow, lambda mask, kernel: tf.where(mask > 0.5, kernel, 0.0))
    flow = layer(flow, lambda mask, kernel: v1.where(mask > 0.5, kernel, tf.zeros_like(kernel)))
    flow = layer(flow, lambda mask, kernel: tf.where(tf.logical_not(mask > 0.5), 0.0, kernel))
    flow = layer(flow, lambda mask, kernel: tf.where(mask, kernel, 0.0), dtype=bool)
    flow = layer(flow, lambda mask, kernel: tf.cast(mask, tf.float32) * kernel, dtype=np.int8)
    flow = layer(flow, lambda mask, kernel: tf.reshape(tf.identity(mask), shape) * kernel, shape=[FEATURES**2])
    flow = layer(flow, lambda mask, kernel: tf.expand_dims(mask, 1) * kernel, shape=[FEATURES])
    flow = layer(flow, lambda mask, kernel: tf.broadcast_to(mask, shape) * kernel, shape=[1, FEATURES])
    flow = layer(flow, lambda mask, kernel: tf.tile(mask, [FEATURES, 1]) * kernel, shape=[1, FEATURES])
    flow = layer(flow, lambda mask, kernel: 0.5 * (kernel * mask) * 2.0)
    flow = layer(flow, lambda mask, kernel: tf.cast(tf.abs(kernel) > 0.7, tf.float32) * kernel)
    return flow


@network(masks=1)
def mask_as_output(net, x):
    kernel, mask = net.pair("layer", FEATURES, FEATURES)
    return tf.matmul(x[:, 0], mask * kernel) + tf.reduce_sum(mask) * x[:, 1]


def inputs():
    return np.random.default_rng(6).standard_normal((BATCH, STEPS, FEATURES)).astype(np.float32)


def write(name, build, resource, v2, gradients, masks):
    (v1.enable_resource_variables if resource else v1.disable_resource_variables)()
    (v1.enable_control_flow_v2 if v2 else v1.disable_control_flow_v2)()
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, STEPS, FEATURES], name="x")
        y = tf.identity(build(Network(), x), name="y")
        if gradients:
            v1.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(y))
        saver = v1.train.Saver()
        session.run(v1.global_variables_initializer())
        (folder / name).mkdir()
        saver.save(session, str(folder / name / "model.ckpt"), global_step=1)


def judge(name, masks, **_):
    graph_def = v1.GraphDef()
    graph_def.ParseFromString((folder / name / "frozen.pb").read_bytes())
    results = []
    for load in (lambda: None, lambda: v1.import_graph_def(graph_def, name="")):
        with tf.Graph().as_default(), v1.Session() as session:
            if not results:
                prefix = str(folder / name / "model.ckpt-1")
                v1.train.import_meta_graph(prefix + ".meta").restore(session, prefix)
            load()
            results.append(session.run("y:0", {"x:0": inputs()}))
    nodes = list(graph_def.node)
    for function in graph_def.library.function:
        nodes += list(function.node_def) + list(function.signature.input_arg)
    return {
        "name": name,
        "equal": bool(np.array_equal(*results)) and results[0].dtype == results[1].dtype,
        "largest": float(np.max(np.abs(results[0].astype(np.float64)))),
        "masks": [node.name for node in graph_def.node if node.name.endswith("/mask")],
        "named as masks": sorted({node.name for node in nodes if "mask" in node.name.replace("masked_weight", "")}),
        "expected masks": masks,
    }


if command == "write":
    for name, options in NETWORKS.items():
        write(name, **options)
    print(json.dumps(list(NETWORKS)))
else:
    print(json.dumps([judge(name, **options) for name, options in NETWORKS.items()]))
