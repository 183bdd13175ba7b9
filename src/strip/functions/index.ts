import { UserError } from '../../errors.ts';
import { isVariable } from '../../tensorflow/lookup.ts';
import type { GraphDef } from '../../wire/protos.ts';
import { isUnfolded } from '../masked-weights.ts';
import type { Variables } from '../origins.ts';
import { bodyOrigins } from './argument-origins.ts';
import { readProgram, writeProgram } from './body.ts';
import { type Group, groupsOf } from './calls.ts';
import { dropDeadArguments } from './dead-arguments.ts';
import { dropDeadResults } from './dead-results.ts';
import { splitGathers } from './gathers.ts';
import { Lifter } from './lift.ts';
import { bypass } from './outputs.ts';

/** Each round may turn results of functions into constants for others; after so many rounds lifting stops. */
const MAX_ROUNDS = 8;

/**
 * Moves products by masks and reads of variables out of the functions that a graph calls, which include the loops and branches
 * of control flow v2, so that they can be folded outside. Drops the arguments that no function needs any more.
 *
 * @param outputs names of nodes
 * @throws UserError `graph` if a mask multiplies a value that may change within a function, and on functions that do not
 *   match their calls, hold variables, or need too many copies of nodes
 */
export function liftOutOfFunctions(
  graph: GraphDef,
  outputs: readonly string[],
  variables: Variables,
): GraphDef {
  if (!graph.library || graph.library.function.length === 0) return graph;
  const program = readProgram(graph, outputs);
  const groups = groupsOf(program);
  const calleesFirst = groups.toReversed();
  for (const { bodies } of groups)
    for (const body of bodies) {
      const variable = [...body.nodes.values()].find(isVariable);
      if (variable)
        throw new UserError(
          'graph',
          `function ${body.name} holds the variable ${variable.name} itself, which cannot be frozen`,
          'Make variables outside functions.',
        );
      splitGathers(body);
    }
  for (const group of calleesFirst) bypass(group, program);
  let isDone = false;
  for (let round = 0; round < MAX_ROUNDS && !isDone; round++) {
    const lifter = new Lifter(variables, bodyOrigins(program, groups, variables));
    isDone = true;
    for (const group of calleesFirst) {
      if (lifter.lift(group)) isDone = false;
      bypass(group, program);
    }
  }
  const changeable = groups.filter(({ fixed }) => fixed === undefined).flatMap(({ bodies }) => bodies);
  for (const body of [program.main, ...changeable]) body.dropUnneeded();
  for (const group of groups) {
    dropDeadResults(group, program);
    if (group.loops.size > 0) dropDeadArguments(group, program);
  }
  for (const group of calleesFirst) dropDeadArguments(group, program);
  refuseMaskedWeights(groups);
  return writeProgram(graph, program);
}

/** @throws UserError `graph` on a masked weight that is still in a function */
function refuseMaskedWeights(groups: readonly Group[]): void {
  for (const body of groups.flatMap(({ bodies }) => bodies))
    for (const node of body.nodes.values())
      if (isUnfolded(node))
        throw new UserError(
          'graph',
          `function ${body.name}: node ${node.name} (${node.op}) is a masked weight that cannot be folded`,
          'Compute it from variables and constants that are arguments of the function.',
        );
}
