/** The messages of TensorFlow, TensorBoard and ONNX that this package reads and writes, under their own names. */
export * from './gen/attr_value_pb.ts';
export * from './gen/event_pb.ts';
export * from './gen/graph_pb.ts';
export * as hparams from './gen/hparams_pb.ts';
export * from './gen/meta_graph_pb.ts';
export * as onnx from './gen/onnx_pb.ts';
export * from './gen/op_def_pb.ts';
export * from './gen/saver_pb.ts';
export * from './gen/summary_pb.ts';
export * from './gen/tensor_bundle_pb.ts';
export * from './gen/tensor_pb.ts';
export * from './gen/types_pb.ts';
export * from './gen/variable_pb.ts';
