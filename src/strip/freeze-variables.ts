import { UserError } from '../errors.ts';
import { constant, identity, parseInput } from '../graph/index.ts';
import { averageName } from '../model/names.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { dataType, type Tensor } from '../wire/tensor.ts';
import { withNodes } from './keep-needed.ts';

const VARIABLE_OPS = new Set(['Variable', 'VariableV2', 'VarHandleOp']);
const WRITE = /^(Assign|Scatter|ResourceScatter|CountUpTo)/;

/** The values of a checkpoint by the names of its variables. */
export type VariableValues = ReadonlyMap<string, Tensor>;

/** The names of the graph's variables, held by reference (VariableV2) or as resources (VarHandleOp). */
export function variableNames(graph: GraphDef): string[] {
  return graph.node.filter(({ op }) => VARIABLE_OPS.has(op)).map(({ name }) => name);
}

/**
 * Every variable as a constant of the same name, and every read of a resource variable as an Identity of it.
 *
 * @throws UserError `checkpoint` on a variable without a value or with one of another shape, `graph` on an operation that
 *   does not merely read a variable
 */
export function freezeVariables(graph: GraphDef, values: VariableValues): GraphDef {
  const constants = new Map(
    graph.node
      .filter(({ op }) => VARIABLE_OPS.has(op))
      .map((variable) => [variable.name, constant(variable.name, savedValue(variable, values))]),
  );
  const handles = new Set(graph.node.filter(({ op }) => op === 'VarHandleOp').map(({ name }) => name));
  const nodes = graph.node.map((node) => {
    const variable = node.input.map((input) => parseInput(input).node).find((name) => constants.has(name));
    if (variable === undefined) return constants.get(node.name) ?? node;
    if (WRITE.test(node.op) || (handles.has(variable) && node.op !== 'ReadVariableOp'))
      throw new UserError(
        'graph',
        `node ${node.name} (${node.op}) does more to variable ${variable} than read it, so it cannot be frozen`,
        'choose output nodes that come before it with --output_node_names',
      );
    return node.op === 'ReadVariableOp'
      ? identity(node.name, variable, dataType(values.get(variable)!.dtype))
      : node;
  });
  return withNodes(graph, nodes);
}

/**
 * The values with each moving average in the place of the variable that it averages. What has no average, as masks have
 * none, keeps its own value.
 *
 * @throws UserError `checkpoint` if there is not one average
 */
export function averagedValues(values: VariableValues): VariableValues {
  const averaged = [...values.keys()].filter((name) => values.has(averageName(name)));
  if (averaged.length === 0)
    throw new UserError(
      'checkpoint',
      'the checkpoint holds no moving averages',
      'leave --moving_average out to freeze the weights themselves',
    );
  return new Map([...values, ...averaged.map((name) => [name, values.get(averageName(name))!] as const)]);
}

function savedValue(variable: NodeDef, values: VariableValues): Tensor {
  const value = values.get(variable.name);
  if (!value)
    throw new UserError(
      'checkpoint',
      `the checkpoint has no value for variable ${variable.name}, which the outputs need`,
      'check that graph and checkpoint belong together',
    );
  const declared = variable.attr.shape?.value;
  const shape = declared?.case === 'shape' ? declared.value.dim.map(({ size }) => Number(size)) : undefined;
  const fits = shape?.length === value.shape.length && shape.every((n, i) => n < 0 || n === value.shape[i]);
  if (shape && shape.length > 0 && !fits)
    throw new UserError(
      'checkpoint',
      `variable ${variable.name} has shape [${value.shape}] in the checkpoint, expected [${shape}]`,
      'check that graph and checkpoint belong together',
    );
  return value;
}
