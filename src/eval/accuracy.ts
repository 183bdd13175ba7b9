import { UserError } from '../errors.ts';

/** How many images a model classifies correctly. */
export interface Accuracy {
  /** Images evaluated. */
  readonly count: number;
  /** Images whose largest logit is their label. */
  readonly correct: number;
  /** correct / count, which TensorFlow's example calls precision @ 1. */
  readonly accuracy: number;
  /** confusion[label][prediction] counts images. */
  readonly confusion: readonly (readonly number[])[];
}

/** Counts predictions batch by batch; `result` gives the counts so far. */
export class AccuracyCounter {
  readonly #confusion: number[][];
  #images = 0;

  readonly #logitsNode: string;

  /** @param logitsNode name of the node that gives the logits, for a hint */
  constructor(classes: number, logitsNode: string) {
    this.#logitsNode = logitsNode;
    this.#confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /**
   * @param logits [batch, classes] row-major
   * @param labels the class index of each image
   * @throws UserError `graph` if the number of logits does not match the labels, or a logit is NaN
   */
  add(logits: Float32Array, labels: Uint8Array): void {
    const classes = this.#confusion.length;
    if (logits.length !== labels.length * classes)
      throw new UserError(
        'graph',
        `the model returned ${logits.length} values for ${labels.length} images, expected ${classes} logits an image`,
        namingLogits(this.#logitsNode),
      );
    const odd = logits.findIndex(Number.isNaN);
    if (odd >= 0)
      throw new UserError(
        'graph',
        `the model returned NaN for class ${odd % classes} of image ${this.#images + Math.floor(odd / classes)}, expected numbers`,
        'Take an earlier checkpoint: its weights may come from a training run that diverged.',
      );
    labels.forEach((label, image) => {
      const prediction = indexOfLargest(logits.subarray(image * classes, (image + 1) * classes));
      this.#confusion[label]![prediction]! += 1;
    });
    this.#images += labels.length;
  }

  result(): Accuracy {
    const count = sum(this.#confusion.flat());
    const correct = sum(this.#confusion.map((row, label) => row[label]!));
    return { count, correct, accuracy: correct / count, confusion: this.#confusion };
  }
}

/** The hint for a graph whose output is not logits. @param node name of a node that gives logits */
export const namingLogits = (node: string) =>
  `Name the node that gives the logits, for example ${node}, when stripping.`;

/** Fraction of each class's images that were classified correctly; NaN for a class without images. */
export function perClassAccuracy({ confusion }: Accuracy): number[] {
  return confusion.map((row, label) => row[label]! / sum(row));
}

/** The first index of the largest value, like TensorFlow's argmax. */
function indexOfLargest(values: Float32Array): number {
  return values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
