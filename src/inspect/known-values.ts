import { UserError } from '../errors.ts';
import { allInOrder, isVariable, tensorInputs } from '../graph/index.ts';
import { Allowance } from '../runtime/allowance.ts';
import { foldNode, isFoldable, readConstant } from '../runtime/constants.ts';
import type { Shape } from '../runtime/shapes.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { dtypeOf, type Tensor } from '../wire/tensor.ts';
import { firstOutput, PASSING } from './graph-inputs.ts';
import { inferredShape } from './shape-inference.ts';

/** What can be known of a graph without an input; only of first outputs. */
export interface KnownValues {
  /** Every node once. */
  readonly order: readonly NodeDef[];
  /** The nodes whose values depend on constants and variables alone, as far as their operations are known. */
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly shapes: ReadonlyMap<string, Shape>;
}

/**
 * Carries constants, variables and shapes through a graph. Where an operation is not known or does not fit, what follows
 * from it stays unknown.
 *
 * @param variables by name, and constants whose values are not in the graph
 * @throws UserError `graph` if two nodes have one name or a constant is damaged
 */
export function knownValues(
  graph: GraphDef,
  variables: ReadonlyMap<string, Tensor> = new Map(),
): KnownValues {
  const order = allInOrder(graph);
  const allowance = new Allowance();
  const constants = new Map<string, Tensor>();
  const shapes = new Map<string, Shape>();
  for (const node of order) {
    const inputs = tensorInputs(node);
    const constant = constantValue(node, inputs, constants, variables, allowance);
    if (constant) {
      allowance.hold(constant);
      constants.set(node.name, constant);
    }
    const shape = constant?.shape ?? unlessItFails(() => inferredShape(node, inputs, constants, shapes));
    if (shape) shapes.set(node.name, shape);
  }
  return { order, constants, shapes };
}

function constantValue(
  node: NodeDef,
  inputs: readonly string[],
  constants: ReadonlyMap<string, Tensor>,
  variables: ReadonlyMap<string, Tensor>,
  allowance: Allowance,
): Tensor | undefined {
  if (isVariable(node) || variables.has(node.name)) return variables.get(node.name);
  if (node.op === 'Const') return constantOf(node, allowance);
  const values = inputs.flatMap((input) => firstOutput(constants, input) ?? []);
  if (values.length < inputs.length || values.length === 0) return undefined;
  if (PASSING.has(node.op)) return values[0];
  return isFoldable(node) ? unlessItFails(() => foldNode(node, values, allowance)) : undefined;
}

/** @returns undefined for one of a type that is not held, such as strings */
function constantOf(node: NodeDef, allowance: Allowance): Tensor | undefined {
  const value = node.attr.value?.value;
  const readable = value?.case === 'tensor' && dtypeOf(value.value.dtype) !== undefined;
  return readable ? readConstant(node, allowance) : undefined;
}

function unlessItFails<T>(compute: () => T | undefined): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
