"""What TensorFlow and TensorBoard make of event files, and of the values that went into them.

Reads request.json and raw little-endian tensors from a folder, prints JSON.
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorboard import context
from tensorboard import plugin_util
from tensorboard.backend.event_processing import data_provider
from tensorboard.backend.event_processing import plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams import backend_context
from tensorboard.plugins.hparams import list_session_groups

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / 'request.json').read_text())


def pixels(encoded):
    return tf.io.decode_png(encoded).numpy().ravel().tolist()


def records(logdir):
    """Each event of each file, in the files' order; summary_iterator checks the checksums."""
    events = []
    for file in sorted(pathlib.Path(logdir).glob('events.out.tfevents.*')):
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            events.append([event.step, event.WhichOneof('what'), event.wall_time])
    return events


def html(tensor):
    """What the TEXT page shows of a string."""
    value = tf.make_ndarray(tensor).item()
    return plugin_util.markdown_to_safe_html(value) if isinstance(value, bytes) else ''


def accumulated(logdir):
    """What TensorBoard's EventAccumulator holds after reading all files."""
    accumulator = EventAccumulator(logdir, size_guidance={'images': 0, 'histograms': 0, 'scalars': 0, 'tensors': 0})
    accumulator.Reload()
    tags = accumulator.Tags()

    def series(kind, read, value):
        return {tag: [[event.step, value(event)] for event in read(tag)] for tag in tags[kind]}

    return {
        'scalars': series('scalars', accumulator.Scalars, lambda event: event.value),
        'histograms': series('histograms', accumulator.Histograms, lambda event: event.histogram_value.num),
        'images': series('images', accumulator.Images, lambda event: pixels(event.encoded_image_string)),
        'texts': series('tensors', accumulator.Tensors, lambda event: html(event.tensor_proto)),
        'nodes': [node.name for node in accumulator.Graph().node],
    }


def bins(logdir):
    """The bins, [left, right, count], of the weights that masks keep, at the last step, as the HISTOGRAMS page gets them."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(logdir)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, logdir)
    read = provider.read_tensors(
        context.RequestContext(), experiment_id='', plugin_name='histograms', downsample=100)
    return {
        tag: data[-1].numpy.tolist() for tag, data in read['train'].items() if tag.endswith('/masked_weights')
    }


def dashboards(logdir):
    """What the pages of TensorBoard list, by the classes that serve them."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(logdir)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, logdir)
    ctx = context.RequestContext()
    kinds = {
        'scalars': provider.list_scalars(ctx, experiment_id='', plugin_name='scalars'),
        'histograms': provider.list_tensors(ctx, experiment_id='', plugin_name='histograms'),
        'images': provider.list_blob_sequences(ctx, experiment_id='', plugin_name='images'),
        'text': provider.list_tensors(ctx, experiment_id='', plugin_name='text'),
        'graphs': provider.list_blob_sequences(ctx, experiment_id='', plugin_name='graphs'),
    }
    return {kind: {run: list(tags) for run, tags in runs.items()} for kind, runs in kinds.items()}


def hparams(logdir):
    """The columns and the rows of the HPARAMS page, as its plugin serves them."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(logdir)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, logdir)
    ctx = context.RequestContext()
    plugin = backend_context.Context(type('TBContext', (), {'data_provider': provider}))
    experiment = plugin.experiment_from_metadata(ctx, '', True, plugin.hparams_metadata(ctx, ''), [])
    everything = api_pb2.ListSessionGroupsRequest(
        start_index=0,
        slice_size=10,
        include_metrics=True,
        allowed_statuses=api_pb2.Status.values(),
        col_params=[{'metric': info.name} for info in experiment.metric_infos],
    )
    groups = list_session_groups.Handler(ctx, plugin, '', everything).run()
    return [MessageToDict(message, preserving_proto_field_name=True) for message in (experiment, groups)]


@tf.function
def histogram_op(values):
    return tf.raw_ops.HistogramSummary(tag='values', values=values)


@tf.function
def image_op(pictures, maximum):
    return tf.raw_ops.ImageSummary(tag='images', tensor=pictures, max_images=maximum)


def summary(serialized):
    return tf.compat.v1.Summary.FromString(serialized.numpy()).value


def histogram(file, dtype):
    histo = summary(histogram_op(np.fromfile(folder / file, dtype)))[0].histo
    moments = {name: getattr(histo, name) for name in ('min', 'max', 'num', 'sum', 'sum_squares')}
    return {**moments, 'bucket_limit': list(histo.bucket_limit), 'bucket': list(histo.bucket)}


def pictures(file, shape):
    values = summary(image_op(np.fromfile(folder / file, '<f4').reshape(shape), 3))
    return [[value.tag, value.image.colorspace, pixels(value.image.encoded_image_string)] for value in values]


logdir = str(folder / 'logs')
json.dump(
    {
        'records': records(f'{logdir}/train'),
        'accumulated': accumulated(f'{logdir}/train'),
        'bins': bins(logdir),
        'dashboards': dashboards(logdir),
        'hparams': hparams(logdir),
        'histograms': [histogram(*one) for one in request['histograms']],
        'pictures': [pictures(*one) for one in request['pictures']],
    },
    sys.stdout,
)
