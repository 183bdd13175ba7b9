"""Writes a graph of constants and of operations on them, and what TensorFlow computes of each as JSON."""

import base64
import itertools
import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
ops = tf.raw_ops
folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(11)

INTEGERS = ['uint8', 'int8', 'int16', 'int32', 'int64']
FLOATS = ['float32', 'float64']
BROADCASTS = [
    ([2, 3], [2, 3]), ([], [4]), ([4], []), ([5, 1], [8]), ([2, 1, 3], [4, 1]), ([1, 3, 1, 2], [2, 1, 5, 1]),
    ([0, 3], [1, 3]), ([1], [0]), ([2, 0], [1]),
]
SHAPES = [[7], [1], [2, 3, 4], [0, 3], [3, 0], [3, 1, 2, 2]]


def values(dtype, shape):
    if dtype == 'bool':
        return random.integers(0, 2, shape).astype(bool)
    if np.dtype(dtype).kind == 'f':
        drawn = random.normal(size=shape) * 10.0 ** random.integers(-3, 4, shape)
        return np.where(random.random(shape) < 0.1, random.choice([0.0, -0.0, np.inf, np.nan], shape), drawn).astype(dtype)
    limits = np.iinfo(dtype)
    drawn = random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return np.where(random.random(shape) < 0.5, drawn, random.integers(0, 10, shape).astype(dtype)).astype(dtype)


def constant(dtype, shape):
    return tf.constant(values(dtype, shape))


def binary():
    for dtype, (a, b) in itertools.product(INTEGERS + FLOATS + ['float16'], BROADCASTS):
        for op in [ops.Add, ops.AddV2, ops.Sub, ops.Mul]:
            op(x=constant(dtype, a), y=constant(dtype, b))
    for dtype, (a, b) in itertools.product(INTEGERS, BROADCASTS):
        ops.BitwiseAnd(x=constant(dtype, a), y=constant(dtype, b))
        ops.RightShift(x=constant(dtype, a), y=constant(dtype, b))
    for dtype in INTEGERS:
        amounts = np.array([-100, -1, 0, 1, 7, 8, 15, 31, 32, 63, 64, 100]).astype(dtype)
        ops.RightShift(x=constant(dtype, [20, 1]), y=tf.constant(amounts))


def cast():
    for source, target in itertools.product(INTEGERS + FLOATS + ['bool'], repeat=2):
        if source in FLOATS and target in INTEGERS:
            continue
        given = values(source, [40])
        if source == 'int64' and target in FLOATS:
            given = given >> 11
        ops.Cast(x=tf.constant(given), DstT=target)
    every_half = np.arange(1 << 16, dtype='uint16').view('float16').reshape(256, 256)
    halves = tf.constant(every_half)
    for target in ['float32', 'float64', 'bool', 'float16']:
        ops.Cast(x=halves, DstT=target)
    for source in FLOATS:
        near = every_half.astype(source)
        ops.Cast(x=tf.constant(near * (1 + random.normal(size=near.shape).astype(source) / 2**12)), DstT='float16')
    for source in INTEGERS + FLOATS + ['bool']:
        ops.Cast(x=tf.constant(values(source, [40])) if source != 'int64' else tf.constant(values(source, [40]) >> 11),
                 DstT='float16')


def compare():
    for dtype, (a, b) in itertools.product(INTEGERS + FLOATS + ['float16'], BROADCASTS):
        x, y = values(dtype, a), values(dtype, b)
        for op in [ops.Greater, ops.GreaterEqual, ops.Less, ops.LessEqual, ops.Equal, ops.NotEqual]:
            op(x=tf.constant(x), y=tf.constant(y))
            op(x=tf.constant(x), y=tf.constant(x))
    for a, b in BROADCASTS:
        for op in [ops.LogicalAnd, ops.LogicalOr, ops.Equal, ops.NotEqual]:
            op(x=constant('bool', a), y=constant('bool', b))
        ops.LogicalNot(x=constant('bool', a))


def choose():
    for dtype, (a, b) in itertools.product(INTEGERS + FLOATS + ['float16', 'bool'], BROADCASTS):
        for c in [a, b, [], [1]]:
            ops.SelectV2(condition=constant('bool', c), t=constant(dtype, a), e=constant(dtype, b))
    for dtype, shape in itertools.product(INTEGERS + FLOATS + ['float16', 'bool'], SHAPES + [[]]):
        for c in [shape, shape[:1], []]:
            ops.Select(condition=constant('bool', c), x=constant(dtype, shape), y=constant(dtype, shape))


def repeat():
    for dtype in INTEGERS + FLOATS + ['float16', 'bool']:
        for shape in SHAPES + [[]]:
            ops.ZerosLike(x=constant(dtype, shape))
            ops.OnesLike(x=constant(dtype, shape))
            ops.Fill(dims=tf.constant(shape, 'int32'), value=constant(dtype, []))
            multiples = random.integers(0, 4, len(shape))
            ops.Tile(input=constant(dtype, shape), multiples=tf.constant(multiples, random.choice(['int32', 'int64'])))
        for a, b in [([], [4]), ([3, 1], [3, 5]), ([1, 2], [2, 3, 2]), ([1], [0]), ([2, 1, 3], [2, 4, 3])]:
            ops.BroadcastTo(input=constant(dtype, a), shape=tf.constant(b, random.choice(['int32', 'int64'])))
    for dtype in ['int32', 'float16', 'float32', 'float64']:
        for shape in SHAPES:
            ops.Abs(x=constant(dtype, shape))


def cumsum():
    for dtype, shape in itertools.product(INTEGERS + FLOATS, SHAPES):
        for axis, exclusive, reverse in itertools.product(range(-len(shape), len(shape)), [False, True], [False, True]):
            kind = random.choice(['int32', 'int64'])
            ops.Cumsum(x=constant(dtype, shape), axis=tf.constant(axis, kind), exclusive=exclusive, reverse=reverse)


def arrange():
    for dtype, shape in itertools.product(INTEGERS + FLOATS + ['float16', 'bool'], SHAPES):
        x = constant(dtype, shape)
        for axis, taken in itertools.product(range(-len(shape), len(shape)), [[], [0], [5], [2, 3]]):
            if shape[axis] == 0 and taken != [0]:
                continue
            indices = random.integers(0, max(1, shape[axis]), taken).astype(random.choice(['int32', 'int64']))
            ops.GatherV2(params=x, indices=tf.constant(indices), axis=tf.constant(axis))
        for order in itertools.permutations(range(len(shape))):
            ops.Transpose(x=x, perm=tf.constant(order))
        for axis in range(-len(shape) - 1, len(shape) + 1):
            ops.ExpandDims(input=x, axis=tf.constant(axis))
            ops.Pack(values=[x, constant(dtype, shape), x], axis=axis)
        for axis in range(len(shape)):
            longer = [extent + 2 if each == axis else extent for each, extent in enumerate(shape)]
            ops.ConcatV2(values=[x, constant(dtype, longer), x], axis=tf.constant(axis))
        ops.Squeeze(input=ops.ExpandDims(input=x, axis=tf.constant(0)), axis=[])
        ops.Squeeze(input=ops.ExpandDims(input=x, axis=tf.constant(-1)), axis=[len(shape)])
        size = int(np.prod(shape))
        ops.Reshape(tensor=x, shape=tf.constant([size], 'int64'))
        ops.Reshape(tensor=x, shape=tf.constant([-1, shape[-1] or 1]))
        ops.Reshape(tensor=x, shape=tf.constant([1, size, 1]))


def slices():
    for dtype, shape in itertools.product(['uint8', 'float32', 'int64'], SHAPES):
        x = constant(dtype, shape)
        for _ in range(8):
            begin = [int(random.integers(0, extent + 1)) for extent in shape]
            size = [int(random.integers(-1, extent - first + 1)) for first, extent in zip(begin, shape)]
            ops.Slice(input=x, begin=tf.constant(begin), size=tf.constant(size, 'int32'))
        for _ in range(30):
            axes = int(random.integers(1, len(shape) + 1))
            begin, end = random.integers(-6, 7, axes), random.integers(-6, 7, axes)
            strides = random.choice([-3, -2, -1, 1, 2, 3], axes)
            shrink = 0
            for axis, extent in enumerate(shape[:axes]):
                if extent > 0 and random.random() < 0.3:
                    shrink |= 1 << axis
                    begin[axis], strides[axis] = random.integers(-extent, extent), 1
            begin_mask, end_mask = random.integers(0, 1 << axes, 2)
            ops.StridedSlice(
                input=x, begin=tf.constant(begin, 'int32'), end=tf.constant(end, 'int32'),
                strides=tf.constant(strides, 'int32'), begin_mask=int(begin_mask) & ~shrink, end_mask=int(end_mask),
                shrink_axis_mask=shrink)


with tf.Graph().as_default() as graph:
    for write in [binary, cast, compare, choose, repeat, cumsum, arrange, slices]:
        write()
    names = [op.name for op in graph.get_operations() if op.type != 'Const']
# What is fetched is not folded, and so computed by TensorFlow's kernels.
with v1.Session(graph=graph) as session:
    results = dict(zip(names, session.run([f'{name}:0' for name in names])))

(folder / 'graph.pb').write_bytes(graph.as_graph_def().SerializeToString())
(folder / 'results.json').write_text(json.dumps({
    name: {'shape': result.shape, 'dtype': str(result.dtype), 'bytes': base64.b64encode(result.tobytes()).decode()}
    for name, result in results.items()}))
