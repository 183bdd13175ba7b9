import type { SharedMemory } from './memory.ts';
import type { Phase } from './program.ts';
import type { Rows } from './rows.ts';

/** Images side by side as the columns of two rows: what the kernels compute in one go. */
const ROWS = 2;
const COLUMNS = 12;
export const BLOCK_IMAGES = ROWS * COLUMNS;

/** A block, and how much of it is filled: rows of columns. */
export interface Block {
  readonly block: number;
  readonly rows: number;
  readonly columns: number;
  readonly images: number;
}

/** The features of a batch, image after image within feature after feature within block after block, and their gradients. */
export class FeatureBlocks {
  readonly features: number;
  /** Bytes from one feature of a block to the next. */
  readonly feature = 4 * BLOCK_IMAGES;
  /** Bytes from one block to the next. */
  readonly step: number;
  readonly #values: number;
  readonly #gradients: number;

  constructor(memory: SharedMemory, features: number, images: number) {
    const blocks = Math.ceil(images / BLOCK_IMAGES);
    this.features = features;
    this.step = features * this.feature;
    this.#values = memory.allocate(blocks * this.step);
    this.#gradients = memory.allocate(blocks * this.step);
  }

  value(block: number): number {
    return this.#values + block * this.step;
  }

  gradient(block: number): number {
    return this.#gradients + block * this.step;
  }

  blocksOf(images: number): Block[] {
    return this.runsOf(images).flatMap(({ block, count, ...filled }) =>
      Array.from({ length: count }, (_, number) => ({ block: block + number, ...filled })),
    );
  }

  /** Copies rows, one an image, into blocks. */
  fromRowsPhase(images: number, { offset, step, count }: Rows): Phase {
    return this.blocksOf(images).map(({ block, images: filled }) => [
      {
        kernel: 'transpose',
        source: offset + block * BLOCK_IMAGES * step,
        target: this.value(block),
        rows: filled,
        columns: count,
        sourceRow: step,
        targetRow: this.feature,
      },
    ]);
  }

  /** Copies blocks into rows, one an image. */
  toRowsPhase(images: number, { offset, step, count }: Rows, source: (block: number) => number): Phase {
    return this.blocksOf(images).map(({ block, images: filled }) => [
      {
        kernel: 'transpose',
        source: source(block),
        target: offset + block * BLOCK_IMAGES * step,
        rows: count,
        columns: filled,
        sourceRow: this.feature,
        targetRow: step,
      },
    ]);
  }

  /** Neighbouring blocks that are filled alike. */
  runsOf(images: number): (Block & { readonly count: number })[] {
    const full = Math.floor(images / BLOCK_IMAGES);
    const rest = images % BLOCK_IMAGES;
    const last = rest > COLUMNS ? { rows: ROWS, columns: COLUMNS } : { rows: 1, columns: rest };
    return [
      { block: 0, count: full, images: BLOCK_IMAGES, rows: ROWS, columns: COLUMNS },
      { block: full, count: rest > 0 ? 1 : 0, images: rest, ...last },
    ].filter(({ count }) => count > 0);
  }
}
