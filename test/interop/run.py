"""Reads with TensorFlow and TensorBoard what a run of ours leaves in train_dir.

usage: run.py DIR STATES      prints JSON; STATES is a folder of folders, each with a file `checkpoint`
"""
import json
import os
import sys

import tensorflow as tf
from google.protobuf import wrappers_pb2
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

directory, states = sys.argv[1:]
v1 = tf.compat.v1


def settings():
    """The settings kept in the graph of the newest checkpoint, which is imported and restored."""
    prefix = tf.train.latest_checkpoint(directory)
    with tf.Graph().as_default(), v1.Session() as session:
        saver = v1.train.import_meta_graph(prefix + '.meta')
        saver.restore(session, prefix)
        step = int(session.run(v1.train.get_global_step()))
    graph = v1.MetaGraphDef()
    with open(prefix + '.meta', 'rb') as file:
        graph.ParseFromString(file.read())
    text = wrappers_pb2.StringValue()
    assert graph.meta_info_def.any_info.Unpack(text)
    return {'step': step, 'settings': json.loads(text.value)}


def statuses():
    """The sessions of the HPARAMS page."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(directory)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, directory)
    plugin = backend_context.Context(type('TBContext', (), {'data_provider': provider}))
    everything = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=9, allowed_statuses=api_pb2.Status.values())
    experiment = plugin.experiment_from_metadata(
        RequestContext(), '', True, plugin.hparams_metadata(RequestContext(), ''), [])
    groups = list_session_groups.Handler(RequestContext(), plugin, '', everything).run()
    assert experiment
    return [api_pb2.Status.Name(session.status) for group in groups.session_groups for session in group.sessions]


def state(folder):
    """What TensorFlow finds in a folder, and which of its checkpoints a Saver would count after a restart."""
    found = tf.train.get_checkpoint_state(folder)
    saver = v1.train.Saver([tf.Variable(0.)])
    saver.recover_last_checkpoints(found.all_model_checkpoint_paths)
    name = os.path.basename
    return [name(tf.train.latest_checkpoint(folder)), [name(path) for path in saver.last_checkpoints]]


json.dump({
    **settings(),
    'statuses': statuses(),
    'states': {name: state(os.path.join(states, name)) for name in os.listdir(states)},
}, sys.stdout)
