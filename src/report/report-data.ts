/** All data of a report. The page embeds it as JSON, and `--json` prints it. */
export interface ReportData {
  /** Version of this package. */
  readonly version: string;
  /** Time at which the report was made, in ISO 8601. */
  readonly madeAt: string;
  readonly machine: Machine;
  /** Names of the classes, by label; all runs have the same dataset. */
  readonly classNames: readonly string[];
  readonly runs: readonly ReportedRun[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

/** A run, from its train_dir. What the folder does not contain is left out. */
export interface ReportedRun {
  /** The run's folder, relative to the folder that the user named. */
  readonly name: string;
  readonly folder: string;
  /** Hparams and flags of `train` that decide the run, by name, as typed on a command line. */
  readonly settings: Readonly<Record<string, string>>;
  readonly step: number;
  /** Fraction of zeros in all masks together. */
  readonly sparsity: number;
  /** Seconds from the first to the last event of each session, summed. */
  readonly trainingSeconds?: number;
  /** Accuracy on the test set: `averages` with the moving averages, `raw` with the weights themselves. */
  readonly averages?: ReportedAccuracy;
  readonly raw?: ReportedAccuracy;
  readonly models: readonly ReportedModel[];
  readonly timings: readonly ReportedTime[];
  readonly curves: RunCurves;
  /** Layers with weights, in the network's order. */
  readonly layers: readonly ReportedLayer[];
  readonly mistakes: readonly Mistake[];
}

export interface ReportedAccuracy {
  /** Fraction of images that were classified correctly. */
  readonly accuracy: number;
  /** The following fields are missing if the accuracy comes from event files. */
  readonly correct?: number;
  readonly count?: number;
  /** confusion[label][prediction] counts images. */
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
  /** Median over all batches. */
  readonly millisecondsAnImage: number;
}

/** A scalar of TensorBoard: as many steps as values, steps ascending, values finite. Long curves keep only some of their points. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export interface RunCurves {
  /** The schedule's target sparsity. */
  readonly sparsity?: Curve;
  /** The tag `total_loss`: a moving average, here without the bias of its start from 0. */
  readonly totalLoss?: Curve;
  readonly learningRate?: Curve;
  /** Accuracy of the run's evaluations with the moving averages. */
  readonly precision?: Curve;
}

export interface ReportedLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly weights: number;
  /** Fraction of zeros in the layer's mask. */
  readonly sparsity: number;
  /** Magnitude below which weights were masked at the last update. */
  readonly threshold: number;
  /** The sparsity of the layer's mask over the steps. */
  readonly sparsityCurve?: Curve;
  readonly histogram: WeightHistogram;
  /** Filters and masks, for a convolution with three input channels. */
  readonly filters?: FilterPictures;
}

/** A histogram of the weights that survive, with bins of equal width. */
export interface WeightHistogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  /** Number of masked weights, which are in no bin. */
  readonly masked: number;
}

/**
 * PNG files as `data:` addresses: all filters in one image, in rows of 16, with a transparent pixel between them. The three
 * channels are red, green and blue.
 */
export interface FilterPictures {
  /** Masked weights are mid-grey. */
  readonly weights: string;
  /** A channel is bright if its weight survives and dark if it is masked: white if all three survive. */
  readonly masks: string;
}

/** A wrongly classified picture of the test set. */
export interface Mistake {
  /** Index in the test set, from 0. */
  readonly index: number;
  /** PNG file as a `data:` address, 32x32. */
  readonly picture: string;
  readonly label: number;
  /** The most probable classes, the most probable first. */
  readonly top: readonly { readonly class: number; readonly probability: number }[];
}
