import type { onnx } from '../../wire/protos.ts';

const find = ({ attribute }: onnx.NodeProto, key: string) => attribute.find(({ name }) => name === key);

export const onnxInteger = (node: onnx.NodeProto, key: string, otherwise: number) =>
  Number(find(node, key)?.i ?? otherwise);
export const onnxIntegers = (node: onnx.NodeProto, key: string) => find(node, key)?.ints.map(Number) ?? [];
export const onnxText = (node: onnx.NodeProto, key: string) =>
  new TextDecoder().decode(find(node, key)?.s ?? new Uint8Array());
export const onnxTensorAttribute = (node: onnx.NodeProto, key: string) => find(node, key)?.t;
export const onnxGraphAttribute = (node: onnx.NodeProto, key: string) => find(node, key)?.g;
export const hasOnnxAttribute = (node: onnx.NodeProto, key: string) => find(node, key) !== undefined;
