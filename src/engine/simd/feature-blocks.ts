import { blockImages, type FeatureTile } from './kernels/kernel-set.ts';
import { roundUp, type SharedMemory } from './memory.ts';
import type { Phase } from './program.ts';
import type { Rows } from './rows.ts';

/** Images side by side as columns of rows, which kernels compute in one go, and how many of them there are. */
export interface Block {
  readonly block: number;
  readonly rows: number;
  readonly columns: number;
  /** The columns that kernels compute: whole vectors. */
  readonly filled: number;
  readonly images: number;
}

/** The features of a batch, image after image within feature after feature within block after block, and their gradients. */
export class FeatureBlocks {
  readonly features: number;
  /** Images of a full block. */
  readonly blockImages: number;
  /** Bytes from one feature of a block to the next. */
  readonly feature: number;
  /** Bytes from one row of a feature to the next. */
  readonly row: number;
  /** Bytes from one block to the next. */
  readonly step: number;
  readonly #values: number;
  readonly #gradients: number;
  readonly #tile: FeatureTile;
  readonly #lanes: number;

  constructor(memory: SharedMemory, features: number, images: number) {
    const { kernels } = memory;
    this.#tile = kernels.features;
    this.#lanes = kernels.lanes;
    this.features = features;
    this.blockImages = blockImages(kernels);
    this.row = 4 * kernels.features.columns;
    this.feature = 4 * this.blockImages;
    const blocks = Math.ceil(images / this.blockImages);
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
        source: offset + block * this.blockImages * step,
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
        target: offset + block * this.blockImages * step,
        rows: count,
        columns: filled,
        sourceRow: this.feature,
        targetRow: step,
      },
    ]);
  }

  /** Neighbouring blocks that are filled alike. */
  runsOf(images: number): (Block & { readonly count: number })[] {
    const { rows, columns } = this.#tile;
    const full = Math.floor(images / this.blockImages);
    const rest = images % this.blockImages;
    const last = rest > columns ? { rows: Math.ceil(rest / columns), columns } : { rows: 1, columns: rest };
    return [
      { block: 0, count: full, images: this.blockImages, rows, columns },
      { block: full, count: rest > 0 ? 1 : 0, images: rest, ...last },
    ]
      .filter(({ count }) => count > 0)
      .map((run) => ({ ...run, filled: roundUp(run.columns, this.#lanes) }));
  }
}
