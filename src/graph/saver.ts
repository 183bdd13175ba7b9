import { create } from '@bufbuild/protobuf';
import {
  DataType,
  type NodeDef,
  type SaverDef,
  SaverDef_CheckpointFormatVersion,
  SaverDefSchema,
} from '../wire/protos.ts';
import { dataType } from '../wire/tensor.ts';
import {
  boolAttr,
  shapeAttr,
  stringListAttr,
  stringScalarAttr,
  stringTensorAttr,
  typeAttr,
  typeListAttr,
} from './attributes.ts';
import { identity, node } from './node.ts';
import type { GraphVariable } from './variables.ts';

const STRING = typeAttr(DataType.DT_STRING);
const FILENAME = 'save/Const';
const SAVED = 'save/control_dependency';
const RESTORED = 'save/restore_all';

/** The operations by which a TensorFlow Saver saves and restores the variables of an imported graph. */
export function saverNodes(variables: readonly GraphVariable[]): NodeDef[] {
  const sorted = variables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = sorted.map(({ name }) => name);
  const types = typeListAttr(sorted.map(({ dtype }) => dataType(dtype)));
  const optional = { dtype: STRING, shape: shapeAttr([]) };
  const assigns = sorted.map(({ name, dtype }, index) =>
    node(
      index === 0 ? 'save/Assign' : `save/Assign_${index}`,
      'Assign',
      [name, output('save/RestoreV2', index)],
      {
        T: typeAttr(dataType(dtype)),
        use_locking: boolAttr(true),
        validate_shape: boolAttr(true),
        _class: stringListAttr([`loc:@${name}`]),
      },
    ),
  );
  return [
    node('save/filename/input', 'Const', [], { dtype: STRING, value: stringScalarAttr('model') }),
    node('save/filename', 'PlaceholderWithDefault', ['save/filename/input'], optional),
    node(FILENAME, 'PlaceholderWithDefault', ['save/filename'], optional),
    ...whatToSave('save/SaveV2', names),
    node('save/SaveV2', 'SaveV2', [FILENAME, ...whatNames('save/SaveV2'), ...names], { dtypes: types }),
    identity(SAVED, FILENAME, DataType.DT_STRING, ['save/SaveV2']),
    ...whatToSave('save/RestoreV2', names),
    node('save/RestoreV2', 'RestoreV2', [FILENAME, ...whatNames('save/RestoreV2')], { dtypes: types }),
    ...assigns,
    node(
      RESTORED,
      'NoOp',
      assigns.map(({ name }) => `^${name}`),
    ),
  ];
}

export function saverDef(keep: number): SaverDef {
  return create(SaverDefSchema, {
    filenameTensorName: output(FILENAME, 0),
    saveTensorName: output(SAVED, 0),
    restoreOpName: RESTORED,
    maxToKeep: keep,
    keepCheckpointEveryNHours: 10_000,
    version: SaverDef_CheckpointFormatVersion.V2,
  });
}

const output = (name: string, index: number) => `${name}:${index}`;
const whatNames = (operation: string) => [`${operation}/tensor_names`, `${operation}/shape_and_slices`];

/** Constants with the variables' names and with their slices; an empty slice means the whole variable. */
function whatToSave(operation: string, names: readonly string[]): NodeDef[] {
  const [namesName, slicesName] = whatNames(operation);
  return [
    node(namesName!, 'Const', [], { dtype: STRING, value: stringTensorAttr(names) }),
    node(slicesName!, 'Const', [], { dtype: STRING, value: stringTensorAttr(names.map(() => '')) }),
  ];
}
