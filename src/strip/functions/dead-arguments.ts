import { isControl, sourceOf } from '../origins.ts';
import type { Body, Program } from './body.ts';
import { argumentsOf, type Call, callsOf, type Group, withArguments } from './calls.ts';
import { outputsRead, renumberOutputs } from './outputs.ts';

/**
 * Drops the arguments that no result of a group's functions depends on. Loops lose the arguments on which neither the condition
 * nor a result that is read depends.
 */
export function dropDeadArguments(group: Group, program: Program): void {
  if (group.fixed !== undefined) return;
  const count = group.bodies[0]!.args.length;
  const isLoop = group.loops.size > 0;
  const live = isLoop
    ? liveOfLoops(group, program)
    : new Set(
        group.bodies.flatMap((body) =>
          argumentsReached(
            body,
            body.results.map(({ value }) => value),
          ),
        ),
      );
  if (live.size === count) return;
  for (const call of callsOf(group)) dropInputs(call, live, program);
  for (const body of group.bodies) {
    body.args = body.args.filter((_, index) => live.has(index));
    if (group.loops.has(body)) body.results = body.results.filter((_, index) => live.has(index));
    body.dropUnneeded();
  }
}

function liveOfLoops(group: Group, program: Program): Set<number> {
  const { bodies, loops } = group;
  const live = new Set(callsOf(group).flatMap((call) => [...outputsRead(call, program)]));
  const reached = new Map(bodies.map((body) => [body, new Set<string>()]));
  for (const body of bodies)
    if (!loops.has(body))
      for (const index of argumentsReached(
        body,
        body.results.map(({ value }) => value),
      ))
        live.add(index);
  // A set's iterator also visits what is added on the way.
  for (const index of live)
    for (const body of loops)
      for (const other of argumentsReached(body, [body.results[index]!.value], reached.get(body)))
        live.add(other);
  return live;
}

/** The positions of the arguments that `values` depend on. @param reached names that were visited before */
function argumentsReached(body: Body, values: readonly string[], reached = new Set<string>()): number[] {
  const positions = new Map(body.args.map(({ name }, index) => [name, index]));
  const found: number[] = [];
  const left = values.map(sourceOf);
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const position = positions.get(name);
    if (position !== undefined) found.push(position);
    for (const input of body.nodes.get(name)?.input ?? []) if (!isControl(input)) left.push(sourceOf(input));
  }
  return found;
}

/** Drops the inputs of a call that are not live and, of a loop, the outputs at the same positions. */
function dropInputs(call: Call, live: ReadonlySet<number>, program: Program): void {
  const { caller, name, loop } = call;
  const node = caller.nodes.get(name)!;
  const { args } = program.functions.get(call.functions[0]!)!;
  const given = argumentsOf(call, node).map((input, index) => ({
    input,
    type: args[index]!.type,
    was: index,
  }));
  const kept = given.filter(({ was }) => live.has(was));
  caller.set(withArguments(call, node, kept));
  if (loop !== undefined) renumberOutputs(call, live, program);
}
