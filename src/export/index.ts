import type { ExportFormat } from './format.ts';
import type { ExportFormatName } from './format-names.ts';
import { onnx } from './onnx/index.ts';
import { pb } from './pb.ts';
import { savedModel } from './saved-model/index.ts';
import { tfjs } from './tfjs/index.ts';

export { refuseImpossible } from './combinations.ts';
export type { RunComparison } from './compare-runs.ts';
export type { ExportedFile, ExportFormat, StoredWeight } from './format.ts';
export { EXPORT_FORMAT_NAMES, type ExportFormatName } from './format-names.ts';
export { type WeightSize, weightSizes } from './sizes.ts';
export { type Verification, verifyExport } from './verify.ts';
export { partsOf, type ValueType, WEIGHT_FORMATS, type WeightFormat } from './weight-format.ts';
export {
  type ReadBack,
  refuseClashes,
  removeLeftParts,
  type WriteOptions,
  type WrittenFile,
  writeExport,
} from './write.ts';

/** The formats by their names on the command line. */
export const EXPORT_FORMATS: Readonly<Record<ExportFormatName, ExportFormat>> = {
  pb,
  onnx,
  tfjs,
  saved_model: savedModel,
};
