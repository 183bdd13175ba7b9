import type { BlockDims } from '../hparams/index.ts';
import type { Structure } from './structure.ts';

/** How a matrix is cut into blocks. The last blocks of a row or column may be smaller. */
export interface BlockGrid {
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of a block. */
  readonly height: number;
  readonly width: number;
}

export type BlockPooling = 'AVG' | 'MAX';

/** The structure whose units are the blocks of a matrix. */
export function blocks(grid: BlockGrid, pooling: BlockPooling): Structure {
  return {
    pool: ([scores]) => poolBlocks(scores!, grid, pooling),
    expand: (survives) => [expandBlocks(survives, grid)],
  };
}

/**
 * The grid of a weight of this shape; undefined if blocks do not apply. They apply if the shape without its axes of length 1 has rank
 * 2 and a block has more than one element. So the weights of 3x3 and 5x5 convolutions are pruned one by one.
 */
export function blockGrid(shape: readonly number[], block: BlockDims): BlockGrid | undefined {
  const [rows, columns, ...rest] = shape.filter((extent) => extent !== 1);
  if (rows === undefined || columns === undefined || rest.length > 0) return undefined;
  const height = block.height === -1 ? rows : block.height;
  const width = block.width === -1 ? columns : block.width;
  return height === 1 && width === 1 ? undefined : { rows, columns, height, width };
}

/**
 * One magnitude per block, row-major: the mean (summed in float64) or the largest |weight| of its elements. A smaller block at the edge
 * of the matrix counts only the elements that it has.
 *
 * @param weights [rows, columns], row-major
 */
export function poolBlocks(weights: Float32Array, grid: BlockGrid, pooling: BlockPooling): Float32Array {
  const { rows, columns, height, width } = grid;
  const pooled = new Float64Array(blocksDown(grid) * blocksAcross(grid));
  const average = pooling === 'AVG';
  forEachElement(grid, (element, block) => {
    const magnitude = Math.abs(weights[element]!);
    pooled[block] = average ? pooled[block]! + magnitude : Math.max(pooled[block]!, magnitude);
  });
  if (!average) return Float32Array.from(pooled);
  const across = blocksAcross(grid);
  return Float32Array.from(pooled, (sum, block) => {
    const blockRows = Math.min(height, rows - Math.floor(block / across) * height);
    const blockColumns = Math.min(width, columns - (block % across) * width);
    return sum / (blockRows * blockColumns);
  });
}

/** Gives each element of the matrix the value of its block. */
export function expandBlocks(values: Float32Array, grid: BlockGrid): Float32Array {
  const expanded = new Float32Array(grid.rows * grid.columns);
  forEachElement(grid, (element, block) => {
    expanded[element] = values[block]!;
  });
  return expanded;
}

function forEachElement(grid: BlockGrid, visit: (element: number, block: number) => void) {
  const across = blocksAcross(grid);
  for (let row = 0; row < grid.rows; row++) {
    const firstBlock = Math.floor(row / grid.height) * across;
    for (let column = 0; column < grid.columns; column++) {
      visit(row * grid.columns + column, firstBlock + Math.floor(column / grid.width));
    }
  }
}

const blocksDown = ({ rows, height }: BlockGrid) => Math.ceil(rows / height);
const blocksAcross = ({ columns, width }: BlockGrid) => Math.ceil(columns / width);
