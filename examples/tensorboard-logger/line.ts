const SLOPE = 0.6;
const OFFSET = 0.2;
const NOISE = 0.05;
const POINTS = 100;
const SIZE = 64;

const xs = Float32Array.from({ length: POINTS }, (_, index) => index / POINTS);
// A low-discrepancy sequence stands for noise, so that every run is the same.
const ys = xs.map((x, index) => SLOPE * x + OFFSET + NOISE * (2 * ((index * 0.618) % 1) - 1));

/** A line fitted to points of the unit square by gradient descent on the mean squared error. */
export class Line {
  slope = 0;
  offset = 0;

  /** One step. */
  fit(learningRate: number): { loss: number; residuals: Float32Array } {
    const residuals = xs.map((x, index) => this.at(x) - ys[index]!);
    const mean = (value: (residual: number, index: number) => number) =>
      residuals.reduce((sum, residual, index) => sum + value(residual, index), 0) / POINTS;
    const loss = mean((residual) => residual ** 2);
    this.slope -= learningRate * mean((residual, index) => 2 * residual * xs[index]!);
    this.offset -= learningRate * mean((residual) => 2 * residual);
    return { loss, residuals };
  }

  at(x: number): number {
    return this.slope * x + this.offset;
  }

  /** The line in blue, the points in red, on white; RGB bytes. */
  picture() {
    const pixels = new Uint8Array(SIZE * SIZE * 3).fill(255);
    const draw = (x: number, y: number, colour: readonly number[]) => {
      if (y < 0 || y >= 1) return;
      const [column, row] = [Math.floor(x * SIZE), SIZE - 1 - Math.floor(y * SIZE)];
      pixels.set(colour, (row * SIZE + column) * 3);
    };
    xs.forEach((x, index) => {
      draw(x, ys[index]!, [200, 0, 0]);
      draw(x, this.at(x), [0, 0, 200]);
    });
    return { height: SIZE, width: SIZE, channels: 3, pixels } as const;
  }
}
