/** What a run of a sweep is given: values, as a command line would hold them, by the names of flags of train and of hparams. */
export type Settings = Readonly<Record<string, string>>;

/** A run of a sweep. */
export interface PlannedRun {
  /** Of its folder in the sweep's: what tells it from the others, `target_sparsity=0.9,seed=1`. */
  readonly name: string;
  readonly settings: Settings;
}
