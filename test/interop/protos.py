"""Prints a FileDescriptorSet, in base64, of the messages of TensorFlow, TensorBoard and ONNX that this package reads and
writes."""
import base64

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from onnx import onnx_ml_pb2
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorflow.core.framework import graph_pb2, summary_pb2, variable_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2, tensor_bundle_pb2
from tensorflow.core.util import event_pb2
from tensorflow.python.training import checkpoint_state_pb2

files = {}


def add(descriptor):
    if descriptor.name in files:
        return
    for dependency in descriptor.dependencies:
        add(dependency)
    files[descriptor.name] = descriptor


for module in (graph_pb2, summary_pb2, variable_pb2, meta_graph_pb2, saved_model_pb2, tensor_bundle_pb2, event_pb2,
               checkpoint_state_pb2, plugin_data_pb2, onnx_ml_pb2):
    add(module.DESCRIPTOR)

descriptors = FileDescriptorSet()
for descriptor in files.values():
    descriptor.CopyToProto(descriptors.file.add())
print(base64.b64encode(descriptors.SerializeToString()).decode())
