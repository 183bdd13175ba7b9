/** What a report shows, in full: the page embeds it as JSON, `--json` prints it. */
export interface ReportData {
  /** Of this package. */
  readonly version: string;
  /** When the report was made, ISO 8601. */
  readonly madeAt: string;
  readonly machine: Machine;
  /** By label; all runs are of one dataset. */
  readonly classNames: readonly string[];
  readonly runs: readonly ReportedRun[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

/** A run as its train_dir tells it. What the folder does not hold is left out. */
export interface ReportedRun {
  /** Of its folder, below what the user named. */
  readonly name: string;
  readonly folder: string;
  /** Flags of `train` that decide the run, and hparams by their names, as they are written. */
  readonly settings: Readonly<Record<string, string>>;
  readonly step: number;
  /** Fraction of zeros in all masks together. */
  readonly sparsity: number;
  /** Seconds from the first to the last event of each session, summed. */
  readonly trainingSeconds?: number;
  /** On the test set, with the moving averages and with the weights themselves. */
  readonly averages?: ReportedAccuracy;
  readonly raw?: ReportedAccuracy;
  readonly models: readonly ReportedModel[];
  readonly timings: readonly ReportedTime[];
  readonly curves: RunCurves;
  /** In the network's order, weighted layers only. */
  readonly layers: readonly ReportedLayer[];
  readonly mistakes: readonly Mistake[];
}

export interface ReportedAccuracy {
  /** Fraction of images. */
  readonly accuracy: number;
  /** What follows is not known of an accuracy that only event files tell. */
  readonly correct?: number;
  readonly count?: number;
  /** Images by their class and, within, by the class that they were taken for. */
  readonly confusion?: readonly (readonly number[])[];
}

export interface ReportedModel {
  readonly format: string;
  readonly weightFormat: string;
  readonly bytes: number;
  readonly gzippedBytes: number;
}

export interface ReportedTime {
  readonly batchSize: number;
  readonly threads?: number;
  /** Median. */
  readonly millisecondsAnImage: number;
}

/** A scalar of TensorBoard: equally long, steps ascending, values finite; long ones are thinned out. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export interface RunCurves {
  /** What the schedule asks for. */
  readonly sparsity?: Curve;
  /** The tag `total_loss`, a moving average, without its start from 0. */
  readonly totalLoss?: Curve;
  readonly learningRate?: Curve;
  /** Of the run's evaluations with the moving averages. */
  readonly precision?: Curve;
}

export interface ReportedLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly weights: number;
  /** Fraction of zeros in its mask. */
  readonly sparsity: number;
  /** Magnitude below which weights were masked at the last update. */
  readonly threshold: number;
  /** Of its mask. */
  readonly sparsityCurve?: Curve;
  readonly histogram: WeightHistogram;
  /** Of a convolution from three channels: its filters and their masks. */
  readonly filters?: FilterPictures;
}

/** Of the weights that survive; bins are equally wide. */
export interface WeightHistogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  /** Masked weights, which no bin counts. */
  readonly masked: number;
}

/**
 * PNG files as `data:` addresses: all filters in one picture, in rows of 16, between them a transparent pixel. The three
 * channels are red, green and blue.
 */
export interface FilterPictures {
  /** Masked weights are mid-grey. */
  readonly weights: string;
  /** A channel whose weight survives is at its brightest, one that is masked is dark: white where all three survive. */
  readonly masks: string;
}

/** A picture of the test set that was taken for another class. */
export interface Mistake {
  /** In the order of the test set, from 0. */
  readonly index: number;
  /** PNG file as a `data:` address, 32x32. */
  readonly picture: string;
  readonly label: number;
  /** The most probable classes, the most probable first. */
  readonly top: readonly { readonly class: number; readonly probability: number }[];
}
