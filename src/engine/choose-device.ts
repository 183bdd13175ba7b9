import { UserError } from '../errors.ts';
import type { Device } from './device.ts';
import type { EngineEntry, EngineRequest, Unasked } from './engines.ts';
import { isInstalled } from './is-installed.ts';

const AUTO = 'auto';

export interface DeviceChoice {
  /** Name of an engine. Default `auto`: the engine that has `backend`, or else the first in order of rank that works here. */
  readonly engine?: string | undefined;
  /** Name of one of the engine's backends. Default `auto`: the engine chooses. */
  readonly backend?: string | undefined;
  /** Name of one of the engine's sets of kernels. Default `auto`: the engine chooses. */
  readonly kernels?: string | undefined;
  /** Number of computing threads, at least 1. Default: the number of available cores. */
  readonly threads?: number | undefined;
}

/** The values that `--engine` accepts. */
export const engineChoices = (engines: readonly EngineEntry[]): readonly string[] => [
  AUTO,
  ...engines.map(({ name }) => name),
];

/** The values that `--backend` accepts. */
export const backendChoices = (engines: readonly EngineEntry[]): readonly string[] => [
  AUTO,
  ...engines.flatMap(({ backends }) => backends),
];

/** The values that `--kernels` accepts. */
export const kernelChoices = (engines: readonly EngineEntry[]): readonly string[] => [
  AUTO,
  ...engines.flatMap(({ kernels }) => kernels),
];

/**
 * The engine that a choice names, directly or by one of its backends or sets of kernels; undefined if it names none.
 *
 * @throws UserError `engine` on an unknown name, or if the named engine does not have the named backend or kernels
 */
export function namedEngine(
  engines: readonly EngineEntry[],
  { engine = AUTO, backend = AUTO, kernels = AUTO }: DeviceChoice,
): EngineEntry | undefined {
  expectOneOf('is no engine', engineChoices(engines), engine);
  expectOneOf('is no backend', backendChoices(engines), backend);
  expectOneOf('are no kernels', kernelChoices(engines), kernels);
  const parts = [
    { what: 'backend', all: 'backends', part: backend, partsOf: (entry: EngineEntry) => entry.backends },
    { what: 'kernels', all: 'kernels', part: kernels, partsOf: (entry: EngineEntry) => entry.kernels },
  ].filter(({ part }) => part !== AUTO);
  const owner = ({ part, partsOf }: (typeof parts)[number]) =>
    engines.find((entry) => partsOf(entry).includes(part));
  const named = engines.find(({ name }) => name === engine) ?? parts.map(owner)[0];
  for (const { what, all, part, partsOf } of parts)
    if (named && !partsOf(named).includes(part))
      throw new UserError(
        'engine',
        `engine ${named.name} has no ${what} ${part}`,
        `Leave one of the two out: ${all} are those of engine ${either(engines.filter((entry) => partsOf(entry).length > 0))}.`,
      );
  return named;
}

/** Opens the chosen engine. @throws UserError `engine` if the choice is unknown or cannot be used on this machine */
export async function chooseDevice(engines: readonly EngineEntry[], choice: DeviceChoice): Promise<Device> {
  const { backend = AUTO, kernels = AUTO, threads } = choice;
  const named = namedEngine(engines, choice);
  if (!named) return openUnasked(engines, threads);
  if (threads !== undefined && !named.takesThreads)
    throw new UserError(
      'engine',
      `engine ${named.name} takes no number of threads`,
      `Leave it out, or choose ${either(engines.filter(({ takesThreads }) => takesThreads))}.`,
    );
  return open(engines, named, { backend, kernels, threads }, 'as asked for');
}

async function open(
  engines: readonly EngineEntry[],
  entry: EngineEntry,
  request: EngineRequest,
  why: string,
): Promise<Device> {
  const { name, packages } = entry;
  if (packages && !isInstalled(packages.needed))
    throw new UserError(
      'engine',
      `engine ${name}: ${packages.needed} is not installed`,
      `Run npm install ${packages.toGet}, or choose ${either(engines.filter((each) => !each.packages))}.`,
    );
  return entry.open(request, why);
}

/** Opens the engine of lowest rank that works here. Its device's reason says why engines before it did not. */
async function openUnasked(engines: readonly EngineEntry[], threads: number | undefined): Promise<Device> {
  const isFit = ({ takesThreads }: EngineEntry) => threads === undefined || takesThreads;
  const candidates = engines
    .filter((entry): entry is EngineEntry & { unasked: Unasked } => isFit(entry) && isLikely(entry))
    .toSorted((a, b) => a.unasked.rank - b.unasked.rank);
  const failures: string[] = [];
  for (const [place, entry] of candidates.entries()) {
    const { backend, why, refusal } = entry.unasked;
    const reason = threads === undefined ? why : 'which takes a number of threads';
    try {
      const device = await open(
        engines,
        entry,
        { backend, kernels: AUTO, threads },
        [reason, ...failures].join('; '),
      );
      const problem = refusal?.(device);
      if (problem === undefined) return device;
      failures.push(problem);
    } catch (error) {
      if (place === candidates.length - 1) throw error;
      failures.push((error as Error).message);
    }
  }
  throw new UserError('engine', ['no engine can be used here', ...failures].join('; '));
}

const isLikely = ({ unasked }: EngineEntry) => unasked?.isLikely() ?? false;

const either = (entries: readonly EngineEntry[]) => entries.map(({ name }) => name).join(' or ');

function expectOneOf(what: string, names: readonly string[], given: string): void {
  if (names.includes(given)) return;
  throw new UserError(
    'engine',
    `there ${what} ${given}`,
    `Choose ${names.slice(0, -1).join(', ')} or ${names.at(-1)}.`,
  );
}
