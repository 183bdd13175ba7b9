import { type Origin, originsOf, sourceOf, type Variables } from '../origins.ts';
import type { Body, Program } from './body.ts';
import { argumentsOf, callsOf, type Group } from './calls.ts';
import { passedArguments } from './outputs.ts';

/** For each body the origins of its tensors, by the names of nodes and arguments. */
export type BodyOrigins = ReadonlyMap<Body, Map<string, Origin>>;

/**
 * Origins of the tensors in the graph and in its functions. An argument is `constant` if any call gives a constant for it, and
 * `carried` if a loop may change it or the function's arguments cannot change.
 *
 * @param groups callers first
 */
export function bodyOrigins({ main }: Program, groups: readonly Group[], variables: Variables): BodyOrigins {
  const origins = new Map([[main, originsOf(main.nodes, variables)]]);
  for (const group of groups) {
    const known: (Origin | undefined)[] = [];
    for (const call of callsOf(group)) {
      const outside = origins.get(call.caller);
      if (!outside) continue;
      argumentsOf(call, call.caller.nodes.get(call.name)!).forEach((input, index) => {
        known[index] = either(known[index], outside.get(sourceOf(input)));
      });
    }
    const changed = new Set(
      [...group.loops].flatMap((body) =>
        passedArguments(body).flatMap((position, index) => (position === index ? [] : [index])),
      ),
    );
    for (const body of group.bodies) {
      const inside = new Map<string, Origin>();
      body.args.forEach(({ name }, index) => {
        const origin = known[index];
        if (!origin) return;
        if (!changed.has(index) && group.fixed === undefined) inside.set(name, origin);
        else if (origin.variables.length > 0) inside.set(name, { ...origin, kind: 'carried' });
      });
      origins.set(body, originsOf(body.nodes, variables, inside));
    }
  }
  return origins;
}

function either(a: Origin | undefined, b: Origin | undefined): Origin | undefined {
  if (!a || !b) return a ?? b;
  return {
    kind: a.kind === b.kind ? a.kind : 'constant',
    variables: [...new Set([...a.variables, ...b.variables])].slice(0, 4),
    masks: [...new Set([...a.masks, ...b.masks])].slice(0, 4),
  };
}
