import { toBinary } from '@bufbuild/protobuf';
import { onnx as messages } from '../../wire/protos.ts';
import type { ExportFormat } from '../format.ts';
import { outputsOf, stem } from '../outputs.ts';
import { onnxModel } from './model.ts';
import { readOnnxWeights } from './read-weights.ts';
import { ONNX_WEIGHT_FORMATS } from './store-weights.ts';

/** One file for ONNX Runtime and whatever else reads ONNX. */
export const onnx: ExportFormat = {
  doc: 'model of ONNX (opset 13)',
  weightFormats: ONNX_WEIGHT_FORMATS,
  encode(graph, options) {
    const model = onnxModel(graph, outputsOf(graph, options), options.weightFormat);
    return [{ name: `${stem(options.filename)}.onnx`, bytes: toBinary(messages.ModelProtoSchema, model) }];
  },
  readWeights: ([file]) => readOnnxWeights(file!.bytes),
};
