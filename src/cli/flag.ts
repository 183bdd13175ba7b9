import { homedir } from 'node:os';

/** One flag of a command. Parsing, help text and the type of the value derive from it. */
export interface Flag<Value = unknown> {
  /** A toggle takes no value (`--raw`, `--noraw`), though it may be given one (`--raw=false`). */
  readonly toggle: boolean;
  /** Stands for the value in help texts: `--max_steps=N`. */
  readonly placeholder: string;
  readonly default: Value;
  readonly required: boolean;
  /** Another name of the flag, from TensorFlow's scripts. */
  readonly alias?: string;
  readonly doc: string;
  /** What a value must be, as errors say it after `expected`. */
  readonly expected: string;
  /** The value of a text; undefined if the text is not what is expected. */
  parse(text: string): Value | undefined;
  /** Whether the lists of a flag that is given several times are joined; otherwise the last one counts. */
  readonly isJoined?: boolean;
  /** What a shell completes its value with. */
  readonly completion?: 'paths' | readonly string[];
}

/** The flags of a command under the headings of its help. */
export type FlagGroup = Readonly<Record<string, Flag>>;
export type FlagGroups = Readonly<Record<string, FlagGroup>>;

/** The values of all flags of all groups, by name. */
export type FlagValues<Groups extends FlagGroups> = {
  readonly [Name in NamesOf<Groups[keyof Groups]>]: ValueOf<
    Extract<Groups[keyof Groups], Record<Name, Flag>>[Name]
  >;
};
type NamesOf<Group> = Group extends FlagGroup ? keyof Group & string : never;
type ValueOf<F> = F extends Flag<infer Value> ? Value : never;

interface Description<Value> {
  readonly doc: string;
  readonly default: Value;
  readonly placeholder?: string;
  readonly alias?: string;
}

/** The defaults of all flags, by name. */
export function defaultValues<Groups extends FlagGroups>(groups: Groups): FlagValues<Groups> {
  const flags = Object.values(groups).flatMap((group) => Object.entries(group));
  return Object.fromEntries(flags.map(([name, flag]) => [name, flag.default])) as FlagValues<Groups>;
}

/** A flag that is true or false. */
export function toggle(doc: string): Flag<boolean> {
  return {
    toggle: true,
    placeholder: '',
    default: false,
    required: false,
    doc,
    expected: 'true or false',
    parse: (text) => TOGGLE_VALUES.get(text.toLowerCase()),
  };
}

// The spellings of absl's boolean flags.
const TOGGLE_VALUES = new Map([
  ...['true', 't', '1'].map((text) => [text, true] as const),
  ...['false', 'f', '0'].map((text) => [text, false] as const),
]);

/** Any text. */
export function text<Default extends string | undefined>(
  description: Description<Default>,
): Flag<string | Default> {
  return valueFlag(description, 'TEXT', 'a text', (given) => given);
}

/** The path of a file or folder. A leading `~` becomes the home folder, since shells do not replace it after a `=`. */
export function path<Default extends string | undefined>(
  description: Description<Default>,
): Flag<string | Default> {
  const flag = valueFlag(description, 'DIR', 'a path', (given) =>
    given === '' ? undefined : given.replace(/^~(?=\/|$)/, homedir()),
  );
  return { ...flag, completion: 'paths' };
}

/** One of the texts in `choices`. */
export function choice<const Choice extends string, const Default extends NoInfer<Choice> | undefined>(
  choices: readonly Choice[],
  description: Description<Default>,
): Flag<Choice | Default> {
  const flag = valueFlag(description, choices.join('|'), choices.join(' or '), (given) =>
    choices.find((one) => one === given),
  );
  return { ...flag, completion: choices };
}

/** At least one text, separated by commas. */
export function list(description: Description<readonly string[]>): Flag<readonly string[]> {
  return valueFlag(description, 'NAMES', 'texts between commas', (given) => {
    const texts = given.split(',').map((one) => one.trim());
    return texts.includes('') ? undefined : texts;
  });
}

/** An integer from `min` to `max`, written `1000000` or `1e6`; by default any that a float64 holds exactly. */
export function integer<Default extends number | undefined>(
  description: Description<Default> & Bounds,
): Flag<number | Default> {
  return valueFlag(description, 'N', `an integer${describeBounds(description)}`, (given) =>
    parseInteger(given, description),
  );
}

/** At least one integer, separated by commas. */
export function integers<Default extends readonly number[] | undefined>(
  description: Description<Default> & Bounds,
): Flag<readonly number[] | Default> {
  return valueFlag(description, 'N,N', `integers${describeBounds(description)} between commas`, (given) => {
    const values = given.split(',').map((one) => parseInteger(one.trim(), description));
    return values.every((value) => value !== undefined) ? values : undefined;
  });
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** Also in scientific notation: `1e9`. */
const INTEGER = /^[+-]?\d+(?:\.(\d+))?(?:e\+?(\d+))?$/i;

function parseInteger(
  given: string,
  { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }: Bounds,
): number | undefined {
  const [whole, fraction = '', exponent = '0'] = INTEGER.exec(given) ?? [];
  // 1.5e3 is an integer, 1.5 is not.
  const value = whole !== undefined && fraction.length <= Number(exponent) ? Number(given) : Number.NaN;
  return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
}

function describeBounds({ min, max }: Bounds): string {
  if (min === undefined) return '';
  return max === undefined ? ` >= ${min}` : ` from ${min} to ${max}`;
}

/** A number of seconds, at least 0. */
export function seconds(description: Description<number>): Flag<number> {
  return valueFlag(description, 'SECONDS', 'a number of seconds >= 0', (given) =>
    /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) && Number.isFinite(Number(given))
      ? Number(given)
      : undefined,
  );
}

/** The same flag, which must be given. */
export function required<Value>(flag: Flag<Value>): Flag<Value> {
  return { ...flag, required: true };
}

function valueFlag<Value, Default>(
  description: Description<Default>,
  placeholder: string,
  expected: string,
  parse: (text: string) => Value | undefined,
): Flag<Value | Default> {
  return { toggle: false, placeholder, required: false, expected, parse, ...description };
}
