import { toBinary } from '@bufbuild/protobuf';
import { onnx as messages } from '../../wire/protos.ts';
import type { ExportFormat } from '../format.ts';
import { outputsOf, stem } from '../outputs.ts';
import { onnxModel } from './model.ts';
import { readOnnxWeights } from './read-weights.ts';
import { ONNX_WEIGHT_FORMATS } from './store-weights.ts';

const mainFile = (filename: string) => `${stem(filename)}.onnx`;

/** One file for ONNX Runtime and other programs that read ONNX. */
export const onnx: ExportFormat = {
  doc: 'model of ONNX (opset 13)',
  weightFormats: ONNX_WEIGHT_FORMATS,
  mainFile,
  encode(graph, options) {
    const model = onnxModel(graph, outputsOf(graph, options), options.weightFormat);
    return [{ name: mainFile(options.filename), bytes: toBinary(messages.ModelProtoSchema, model) }];
  },
  readWeights: ([file]) => readOnnxWeights(file!.bytes),
};
