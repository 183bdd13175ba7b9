"""The process of a contestant that runs in Python: a line of JSON for each request and reply, and how computations are timed.

A contestant has `prepare(task)`, which returns what is timed, and `logits(task)`; see src/contestant.ts and src/protocol.ts.
"""

import json
import os
import pathlib
import sys
import time

import numpy as np

# Standard output is for replies; whatever else is printed goes to standard error.
replies = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)

BATCH = 128


def reply(message):
    replies.write(json.dumps(message) + '\n')
    replies.flush()


class Materials:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.list = json.loads((self.folder / 'materials.json').read_text())
        self.layers = {layer['name']: layer for layer in self.list['layers']}
        self.images = self._floats('images.f32', [BATCH, *self.list['imageShape']])
        self.labels = np.fromfile(self.folder / 'labels.u8', 'u1').astype(np.int64)

    def weights(self, layer):
        return self._floats(f'{layer}.weights.f32', self.layers[layer]['shape'])

    def biases(self, layer):
        return self._floats(f'{layer}.biases.f32', self.layers[layer]['shape'][-1:])

    def mask(self, layer, sparsity):
        return self._floats(f'{layer}.mask-{sparsity:g}.f32', self.layers[layer]['shape'])

    def frozen_graph(self, sparsity):
        return (self.folder / f'frozen-{sparsity:g}.pb').read_bytes()

    def _floats(self, file, shape):
        return np.fromfile(self.folder / file, '<f4').reshape(shape)


def repeat_for(duration, once):
    times = []
    begin = time.perf_counter()
    while True:
        start = time.perf_counter()
        once()
        end = time.perf_counter()
        times.append(1000 * (end - start))
        if 1000 * (end - begin) >= duration:
            return times


def answer(contestant, request):
    if request['do'] == 'logits':
        return {'logits': np.asarray(contestant.logits(request['task']), 'f8').ravel().tolist()}
    once = contestant.prepare(request['task'])
    if request['warmUp'] > 0:
        repeat_for(request['warmUp'], once)
    return {'samples': repeat_for(request['duration'], once)}


def serve(open_contestant):
    """`open_contestant(materials, threads)` returns the contestant, which says what it is in `description`."""
    try:
        contestant = open_contestant(Materials(sys.argv[1]), int(sys.argv[2]))
        reply({'ready': contestant.description})
        for line in sys.stdin:
            reply(answer(contestant, json.loads(line)))
    except ModuleNotFoundError as error:
        reply({'unavailable': f'{sys.executable} has no {error.name}'})
    except Exception as error:
        reply({'error': f'{type(error).__name__}: {error}'})
        raise
