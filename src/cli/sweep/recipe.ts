import { type Document, parseDocument } from 'yaml';
import { UserError } from '../../errors.ts';
import { formatList, SUPPORTED_HPARAMS } from '../../hparams/index.ts';
import type { Settings } from '../../sweep/planned-run.ts';
import { refuseUnknown } from './settings.ts';

/** The runs that a sweep consists of. */
export interface Recipe {
  /** Settings of every run. */
  readonly settings: Settings;
  /** Values of each axis; each combination of one value from every axis is a run. */
  readonly grid: Readonly<Record<string, readonly string[]>>;
  /** Further runs, each with its settings in addition to `settings`. */
  readonly runs: readonly Settings[];
}

const KEYS = ['settings', 'grid', 'runs'];

/**
 * Reads a recipe from YAML or JSON, which is a subset of YAML.
 *
 * @param name what errors call the recipe
 * @throws UserError `argument`, naming the place, if it is not a recipe
 */
export function parseRecipe(text: string, name: string): Recipe {
  const refuse = (problem: string, hint?: string) => new UserError('argument', `${name}: ${problem}`, hint);
  // The parser would print its warnings to stderr itself; what it warns of is refused below as an unknown key.
  const document = parseDocument(text, { logLevel: 'error' });
  const [damage] = document.errors;
  if (damage) throw refuse(damage.message.split('\n')[0]!.replace(/:$/, ''), 'Write it in YAML or JSON.');
  const root = unfolded(document, refuse);
  if (!isRecord(root)) throw refuse(`expected a mapping with ${KEYS.join(', ')}`);
  const unknown = Object.keys(root).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw refuse(`unknown key ${unknown}, expected ${KEYS.join(', ')}`);

  const settingsAt = (place: string, value: unknown): Settings => {
    if (!isRecord(value)) throw refuse(`${place}: expected a mapping of names to values`);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, textAt(`${place}.${key}`, key, each)]),
    );
  };
  const textAt = (place: string, key: string, value: unknown): string => {
    try {
      refuseUnknown(key);
    } catch (error) {
      throw refuse(`${place}: ${(error as UserError).message}`, (error as UserError).hint);
    }
    if (isScalar(value)) return String(value);
    if (isList(key) && Array.isArray(value) && value.every(isScalar)) return formatList(value);
    throw refuse(`${place}: expected a number, a text, true or false`);
  };
  const gridAt = (value: unknown) => {
    if (!isRecord(value)) throw refuse('grid: expected a mapping of names to lists of values');
    return Object.fromEntries(
      Object.entries(value).map(([key, values]) => {
        if (!Array.isArray(values) || values.length === 0)
          throw refuse(`grid.${key}: expected a list of at least one value`);
        return [key, values.map((each, index) => textAt(`grid.${key}[${index}]`, key, each))];
      }),
    );
  };
  const { settings = {}, grid = {}, runs = [] } = root;
  if (!Array.isArray(runs)) throw refuse('runs: expected a list of mappings');
  return {
    settings: settingsAt('settings', settings),
    grid: gridAt(grid),
    runs: runs.map((run, index) => settingsAt(`runs[${index}]`, run)),
  };
}

/** @throws the error of `refuse` if aliases expand to far more than the text */
function unfolded(document: Document, refuse: (problem: string) => Error): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));

const isList = (name: string) =>
  (SUPPORTED_HPARAMS as Readonly<Record<string, { type: string }>>)[name]?.type === 'list';
