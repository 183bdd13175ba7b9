import { MAX_THREADS } from '../../engine/max-threads.ts';
import { WEIGHT_FORMATS, type WeightFormat, weightFormatOf } from '../../export/weight-format.ts';
import { defineCommand } from '../command.ts';
import { DEFAULT_MAX_STEPS } from '../default-schedule.ts';
import {
  type Flag,
  type FlagGroups,
  integer,
  integers,
  list,
  path,
  required,
  text,
  toggle,
} from '../flag.ts';
import { JSON_FLAG } from '../shared-flags.ts';
import { GRID_FLAG } from '../sweep/grid-flag.ts';
import { stripFlags } from './strip.ts';
import { trainFlags } from './train.ts';

const spelled = WEIGHT_FORMATS.map((format) => format.replace(',', '+')).join(', ');

const WEIGHT_FORMATS_FLAG: Flag<readonly WeightFormat[]> = {
  ...list({ default: [], doc: '' }),
  default: ['dense', 'sparse'],
  doc: `How the stripped models of each run store their weights, one or more of ${spelled}`,
  expected: `one or more of ${spelled} between commas`,
  parse: (given) => {
    const formats = given.split(',').map((words) => weightFormatOf(words.replaceAll('+', ',')));
    return formats.every((format) => format !== undefined) ? [...new Set(formats)] : undefined;
  },
};

/** A flag of train that applies to all runs. Its value is checked, but kept as the text that the user typed. */
function shared(flag: Flag): Flag<string | undefined> {
  const { alias: _, ...rest } = flag;
  const parse = (given: string) => (flag.parse(given) === undefined ? undefined : given);
  return { ...rest, default: undefined, parse };
}

const SHARED = {
  max_steps: {
    ...shared(trainFlags['What you need'].max_steps),
    doc: `Step to train to (default: ${DEFAULT_MAX_STEPS})`,
  },
  batch_size: shared(trainFlags.Training.batch_size),
  dataset: shared(trainFlags.Data.dataset),
  data_dir: shared(trainFlags.Data.data_dir),
  data_url: shared(trainFlags.Data.data_url),
  engine: shared(trainFlags.Engine.engine),
  backend: shared(trainFlags.Engine.backend),
  kernels: shared(trainFlags.Engine.kernels),
};

const sweepFlags = {
  'What to run': {
    sweep_dir: required(
      path({
        default: '',
        doc: 'Folder of the sweep, with a train_dir for each run; a sweep that is there already is continued',
      }),
    ),
    sparsity: {
      ...list({
        default: [],
        doc: 'Target sparsities, such as 0,0.5,0.75,0.9,0.95: an axis of the grid',
      }),
      placeholder: 'S,S',
    },
    seeds: integers({ default: [], doc: 'Seeds: every combination of the grid runs once with each' }),
    grid: GRID_FLAG,
    recipe: path({
      default: undefined,
      placeholder: 'FILE',
      doc: 'YAML or JSON file with settings, grid and runs',
    }),
    pruning_hparams: text({
      default: '',
      placeholder: 'name=value,...',
      doc: 'How to prune in all runs, as for train',
    }),
    ...SHARED,
  },
  Results: {
    num_examples: integer({
      default: 10_000,
      min: 1,
      doc: 'Pictures of the test set to evaluate each run on',
    }),
    format: stripFlags.Output.format,
    weight_formats: WEIGHT_FORMATS_FLAG,
    ...JSON_FLAG,
  },
  'Where it runs': {
    jobs: integer({ default: undefined, min: 1, doc: 'Runs at once, which share the threads (default: 1)' }),
    threads: integer({
      default: undefined,
      min: 1,
      max: MAX_THREADS,
      doc: 'Computing threads of all runs together (default: as many as there are cores)',
    }),
    run: text({
      default: undefined,
      placeholder: 'NAME',
      doc: 'Carry out only this run of the sweep',
    }),
    index: integer({
      default: undefined,
      min: 0,
      doc: 'Carry out only the run at this place in sweep.json, counted from 0',
    }),
    print: toggle('Print a command line for each run that is not done, and run none'),
    slurm: toggle('Submit the runs that are not done to Slurm as an array job, and run none'),
    slurm_options: text({
      default: '',
      doc: 'Further options for sbatch, separated by blanks, such as "--cpus-per-task=4 --time=60"',
    }),
  },
} satisfies FlagGroups;

export const sweepCommand = defineCommand({
  name: 'sweep',
  summary: 'Train, evaluate and strip a whole grid of runs, on one machine or many',
  flags: sweepFlags,
  examples: [
    'cifar10-prune sweep --sweep_dir=sweeps/a --sparsity=0,0.5,0.75,0.9,0.95 --seeds=1,2,3',
    'cifar10-prune sweep --sweep_dir=sweeps/a --jobs=2',
    'cifar10-prune sweep --sweep_dir=sweeps/b --recipe=sweep.yaml --slurm --slurm_options="--time=60 --cpus-per-task=4"',
  ],
  async run(flags, context) {
    const { runSweep } = await import('../sweep/run-sweep.ts');
    const shared = Object.keys(SHARED) as (keyof typeof SHARED)[];
    const settings = Object.fromEntries(
      shared.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
    );
    await runSweep({ ...flags, settings }, context);
  },
});
