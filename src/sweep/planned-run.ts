/** The settings of a run: values as typed on a command line, by the names of hparams and of flags of train. */
export type Settings = Readonly<Record<string, string>>;

/** A run of a sweep. */
export interface PlannedRun {
  /** Name of the run's folder in the sweep's: the settings that differ between runs, such as `target_sparsity=0.9,seed=1`. */
  readonly name: string;
  readonly settings: Settings;
}
