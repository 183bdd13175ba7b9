import { UserError } from '../errors.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { bytesPerElement, dtypeOf, elementCount } from '../wire/tensor.ts';

const FREE_ELEMENTS = 2 ** 24;
const ELEMENTS_A_STORED_ONE = 32;

/** How many elements a graph's constants may be unfolded to, so that a damaged graph is an error and not the end of memory. */
export class Budget {
  #left: number;

  constructor(graph: GraphDef) {
    const stored = graph.node.reduce((total, { attr }) => total + storedElements(attr), 0);
    this.#left = FREE_ELEMENTS + ELEMENTS_A_STORED_ONE * stored;
  }

  /** Counts a tensor that is about to be made. @throws UserError `graph` if it is more than there may be */
  take({ name, op }: NodeDef, shape: readonly number[]): void {
    this.#left -= elementCount(shape);
    if (this.#left >= 0 && shape.every((extent) => extent >= 0)) return;
    throw new UserError(
      'graph',
      `node ${name} (${op}), part of a masked weight, has shape [${shape}], more than a graph of this size holds`,
      'The file is damaged: write it again.',
    );
  }
}

function storedElements({ value: attribute }: NodeDef['attr']): number {
  const value = attribute?.value;
  if (value?.case !== 'tensor') return 0;
  const dtype = dtypeOf(value.value.dtype);
  return dtype ? value.value.tensorContent.length / bytesPerElement(dtype) : 0;
}
