import { UserError } from '../errors.ts';
import type { Device } from './device.ts';
import type { EngineEntry, EngineRequest, Unasked } from './engines.ts';
import { isInstalled } from './is-installed.ts';

const AUTO = 'auto';

export interface DeviceChoice {
  /** A name of the table of engines, `auto` unless given: that of the named backend or, in order of rank, one that can be used here. */
  readonly engine?: string | undefined;
  /** One of the engine's backends, `auto` unless given. */
  readonly backend?: string | undefined;
  /** Computing threads, at least 1; by default as many as there are cores available. */
  readonly threads?: number | undefined;
}

/** What `--engine` takes. */
export const engineChoices = (engines: readonly EngineEntry[]): readonly string[] => [
  AUTO,
  ...engines.map(({ name }) => name),
];

/** What `--backend` takes. */
export const backendChoices = (engines: readonly EngineEntry[]): readonly string[] => [
  AUTO,
  ...engines.flatMap(({ backends }) => backends),
];

/**
 * The engine that a choice names, itself or by one of its backends; undefined where it names none.
 *
 * @throws UserError `engine` on a name that there is not, and on a backend of another engine
 */
export function namedEngine(
  engines: readonly EngineEntry[],
  { engine = AUTO, backend = AUTO }: DeviceChoice,
): EngineEntry | undefined {
  expectOneOf('engine', engineChoices(engines), engine);
  expectOneOf('backend', backendChoices(engines), backend);
  const owner = engines.find(({ backends }) => backends.includes(backend));
  const named = engines.find(({ name }) => name === engine);
  if (named && owner && named !== owner)
    throw new UserError(
      'engine',
      `engine ${named.name} has no backend ${backend}`,
      `Leave one of the two out: backends are those of engine ${either(engines.filter(({ backends }) => backends.length > 0))}.`,
    );
  return named ?? owner;
}

/** @throws UserError `engine` on an unknown choice, or one that cannot be used here */
export async function chooseDevice(engines: readonly EngineEntry[], choice: DeviceChoice): Promise<Device> {
  const { backend = AUTO, threads } = choice;
  const named = namedEngine(engines, choice);
  if (!named) return openUnasked(engines, threads);
  if (threads !== undefined && !named.takesThreads)
    throw new UserError(
      'engine',
      `engine ${named.name} takes no number of threads`,
      `Leave it out, or choose ${either(engines.filter(({ takesThreads }) => takesThreads))}.`,
    );
  return open(engines, named, { backend, threads }, 'as asked for');
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

/** The first engine, in order of rank, that is likely here and does. Why others did not is part of its device's reason. */
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
      const device = await open(engines, entry, { backend, threads }, [reason, ...failures].join('; '));
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
    `there is no ${what} ${given}`,
    `Choose ${names.slice(0, -1).join(', ')} or ${names.at(-1)}.`,
  );
}
