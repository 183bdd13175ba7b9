import { nodeError } from '../../tensorflow/node-error.ts';
import { passesOn } from '../../tensorflow/passing.ts';
import { isControl, sourceOf } from '../origins.ts';
import type { Body, Program } from './body.ts';
import { argumentsOf, type Call, callsOf, type Group } from './calls.ts';

/** The index of the call's output that an input of the caller refers to. @throws UserError `graph` if there is no such output */
export function outputIndex(
  { caller, name, functions, types, loop }: Call,
  input: string,
  program: Program,
): number {
  const { results } = program.functions.get(loop ?? functions[0]!)!;
  const [, second, third] = input.split(':');
  const isNamed = types === undefined && third !== undefined;
  // If a node's operation is a function, its outputs have the names of the function's results.
  const index = isNamed ? results.findIndex((each) => each.name === second) : Number(third ?? second ?? 0);
  if (results[index] !== undefined) return index;
  throw nodeError(caller.nodes.get(name)!, `gives ${results.length} values, but ${input} is read`);
}

/** The source of a value: follows the nodes of a body that pass a value on unchanged, back to the first input. */
export function handedOn({ nodes }: Body, value: string): string {
  let at = value;
  for (const seen = new Set<string>(); !seen.has(at); ) {
    seen.add(at);
    const node = nodes.get(sourceOf(at));
    const input = node?.input.find((each) => !isControl(each));
    if (!node || !passesOn(node.op) || input === undefined) return at;
    at = input;
  }
  return value;
}

/** For each result of a body the position of the argument that it passes on; undefined if it is computed. */
export function passedArguments(body: Body): (number | undefined)[] {
  const positions = new Map(body.args.map(({ name }, index) => [name, index]));
  return body.results.map(({ value }) => positions.get(handedOn(body, value)));
}

/** If functions pass an argument on unchanged, lets their callers read the argument instead of the result. */
export function bypass(group: Group, program: Program): void {
  for (const call of callsOf(group)) {
    const given = argumentsOf(call, call.caller.nodes.get(call.name)!);
    // Of a loop's functions only the body gives results, and passes an argument on only if both are at the same position.
    const passed = call.functions
      .filter((name) => call.loop === undefined || name === call.loop)
      .map((name) => passedArguments(program.functions.get(name)!));
    call.caller.replaceReads(new Set([call.name]), (input) => {
      const output = outputIndex(call, input, program);
      const position = passed[0]![output];
      const isSame = passed.every((each) => each[output] === position);
      const isKept = call.loop === undefined || position === output;
      return (isSame && isKept && position !== undefined && given[position]) || input;
    });
  }
}

/** The indices of the call's outputs that its caller reads. */
export function outputsRead(call: Call, program: Program): Set<number> {
  const { caller, name } = call;
  return new Set(caller.readsOf(name).map((input) => outputIndex(call, input, program)));
}

/** Renumbers what a caller reads of a call after some outputs are dropped. @param kept the old indices of those that are left */
export function renumberOutputs(call: Call, kept: ReadonlySet<number>, program: Program): void {
  const { caller, name, types } = call;
  if (caller.name !== undefined && types === undefined) return;
  const numbers = new Map([...kept].toSorted((a, b) => a - b).map((was, index) => [was, index]));
  caller.replaceReads(new Set([name]), (input) => {
    const index = numbers.get(outputIndex(call, input, program))!;
    if (caller.name !== undefined) return `${name}:output:${index}`;
    return index === 0 ? name : `${name}:${index}`;
  });
}
