import { create } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { constant, typeAttr } from '../graph/index.ts';
import { averageName } from '../model/names.ts';
import { printable } from '../printable.ts';
import { declaredShape } from '../tensorflow/attributes.ts';
import { isVariable, parseInput } from '../tensorflow/lookup.ts';
import { withoutReference } from '../tensorflow/passing.ts';
import { type GraphDef, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import { dataType, type Tensor } from '../wire/tensor.ts';
import { withNodes } from './keep-needed.ts';
import { passesConstant } from './origins.ts';

const WRITE = /^(Assign|Scatter|ResourceScatter|CountUpTo)/;

/** The values of a checkpoint by the names of the graph's variables. */
export type VariableValues = ReadonlyMap<string, Tensor>;

/** The names of the graph's variables. */
export function variableNames(graph: GraphDef): string[] {
  return graph.node.filter(isVariable).map(({ name }) => name);
}

/**
 * Replaces every variable by a constant of the same name, every read of a resource variable by an Identity, and every
 * lookup in a resource variable by a Gather.
 *
 * @throws UserError `checkpoint` on a variable whose value is missing or has another shape, `graph` on an operation that
 *   does more than read a variable
 */
export function freezeVariables(graph: GraphDef, values: VariableValues): GraphDef {
  const constants = new Map(
    graph.node
      .filter(isVariable)
      .map((variable) => [variable.name, constant(variable.name, savedValue(variable, values))]),
  );
  const handles = handleCarriers(graph);
  const nodes = graph.node.map((node) => {
    const frozen = constants.get(node.name);
    if (frozen) return frozen;
    const sources = node.input.map((input) => parseInput(input).node);
    const handle = sources.map((source) => handles.get(source)).find((variable) => variable !== undefined);
    if (handle !== undefined) return frozenUse(node, handle, values.get(handle)!);
    const variable = sources.find((source) => constants.has(source));
    if (variable !== undefined && WRITE.test(node.op)) throw notARead(node, variable);
    return create(NodeDefSchema, { ...node, op: withoutReference(node.op) });
  });
  return withNodes(graph, nodes);
}

/** For each node that gives a variable's handle, by name, the name of the variable. */
function handleCarriers(graph: GraphDef): Map<string, string> {
  const handles = new Map(
    graph.node.filter(({ op }) => op === 'VarHandleOp').map(({ name }) => [name, name] as const),
  );
  const carriers = new Map<string, NodeDef[]>();
  for (const node of graph.node.filter((node) => passesConstant(node) && node.input.length > 0)) {
    const source = parseInput(node.input[0]!).node;
    const known = carriers.get(source);
    if (known) known.push(node);
    else carriers.set(source, [node]);
  }
  // The loop also visits entries that are added meanwhile.
  for (const [name, variable] of handles)
    for (const carrier of carriers.get(name) ?? []) handles.set(carrier.name, variable);
  return handles;
}

/** The replacement of a node that takes a variable's handle, once the variable is a constant. */
function frozenUse(node: NodeDef, variable: string, { dtype }: Tensor): NodeDef {
  const type = typeAttr(dataType(dtype));
  const reads = (op: string, attr: NodeDef['attr']) => create(NodeDefSchema, { ...node, op, attr });
  if (passesConstant(node)) return reads(node.op, { ...node.attr, T: type });
  if (node.op === 'ReadVariableOp') return reads('Identity', { T: type });
  const { Tindices, batch_dims } = node.attr;
  const isOfBatches = batch_dims?.value.case === 'i' && batch_dims.value.value !== 0n;
  if (node.op === 'ResourceGather' && Tindices && !isOfBatches)
    return reads('Gather', { Tparams: type, Tindices });
  throw notARead(node, variable);
}

function notARead({ name, op, attr }: NodeDef, variable: string): UserError {
  if (Object.values(attr).some(({ value }) => value.case === 'func'))
    return new UserError(
      'graph',
      `node ${printable(name)} (${printable(op)}) reads variable ${printable(variable)} within a function, which cannot be frozen`,
      'Build the graph without functions: tf.compat.v1.disable_control_flow_v2() gives loops and branches of nodes.',
    );
  return new UserError(
    'graph',
    `node ${printable(name)} (${printable(op)}) does more to variable ${printable(variable)} than read it, so it cannot be frozen`,
    'Choose output nodes that come before it with --output_node_names.',
  );
}

/**
 * The values, with those of averaged variables replaced by their moving averages. Variables without an average, such as
 * masks, keep their own values.
 *
 * @throws UserError `checkpoint` if there are no averages at all
 */
export function averagedValues(values: VariableValues): VariableValues {
  const averaged = [...values.keys()].filter((name) => values.has(averageName(name)));
  if (averaged.length === 0)
    throw new UserError(
      'checkpoint',
      'the checkpoint holds no moving averages',
      'Leave --moving_average out to freeze the weights themselves.',
    );
  return new Map([...values, ...averaged.map((name) => [name, values.get(averageName(name))!] as const)]);
}

function savedValue(variable: NodeDef, values: VariableValues): Tensor {
  const value = values.get(variable.name);
  if (!value)
    throw new UserError(
      'checkpoint',
      `the checkpoint has no value for variable ${printable(variable.name)}, which the outputs need`,
      'Check that graph and checkpoint belong together.',
    );
  const shape = declaredShape(variable);
  const fits = shape?.length === value.shape.length && shape.every((n, i) => n < 0 || n === value.shape[i]);
  if (shape && shape.length > 0 && !fits)
    throw new UserError(
      'checkpoint',
      `variable ${printable(variable.name)} has shape [${value.shape}] in the checkpoint, expected [${shape}]`,
      'Check that graph and checkpoint belong together.',
    );
  return value;
}
