import { nodeError } from '../../tensorflow/node-error.ts';
import { passesOn } from '../../tensorflow/passing.ts';
import { isControl, sourceOf } from '../origins.ts';
import type { Body, Program } from './body.ts';
import { argumentsOf, type Call, callsOf, type Group } from './calls.ts';

/** Which of a call's outputs an input of its caller refers to. @throws UserError `graph` if there is no such */
export function outputIndex(
  { caller, name, functions, types, loop }: Call,
  input: string,
  program: Program,
): number {
  const { results } = program.functions.get(loop ?? functions[0]!)!;
  const [, second, third] = input.split(':');
  const isNamed = types === undefined && third !== undefined;
  // A node whose operation is a function names its outputs as that does, one tensor each.
  const index = isNamed ? results.findIndex((each) => each.name === second) : Number(third ?? second ?? 0);
  if (results[index] !== undefined) return index;
  throw nodeError(caller.nodes.get(name)!, `gives ${results.length} values, but ${input} is read`);
}

/** What a value is that nodes of a body merely hand on: the input to the first of them. */
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

/** For each result of a body which of its arguments it is, if it is one. */
export function passedArguments(body: Body): (number | undefined)[] {
  const positions = new Map(body.args.map(({ name }, index) => [name, index]));
  return body.results.map(({ value }) => positions.get(handedOn(body, value)));
}

/** Lets callers read what they gave to functions that only give it back, instead of what these give. */
export function bypass(group: Group, program: Program): void {
  for (const call of callsOf(group)) {
    const given = argumentsOf(call, call.caller.nodes.get(call.name)!);
    // Of a loop's functions the body alone gives results, and gives the argument of the result's own place back.
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

/** Which outputs of a call its caller reads. */
export function outputsRead(call: Call, program: Program): Set<number> {
  const { caller, name } = call;
  return new Set(caller.readsOf(name).map((input) => outputIndex(call, input, program)));
}

/** Lets a caller read what is left of a call's outputs by their new places. @param kept their old places */
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
