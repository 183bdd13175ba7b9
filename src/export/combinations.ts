import { UserError } from '../errors.ts';
import type { ExportFormat } from './format.ts';
import type { WeightFormat } from './weight-format.ts';

/**
 * Refuses a way to store weights that one of the formats does not have.
 *
 * @param formats the formats to write, by the names that users give
 * @throws UserError `usage`, with a hint that lists what each format can store
 */
export function refuseImpossible(
  formats: Readonly<Record<string, ExportFormat>>,
  weightFormat: WeightFormat,
): void {
  const entries = Object.entries(formats);
  const unable = entries.filter(([, { weightFormats }]) => !weightFormats.includes(weightFormat));
  if (unable.length === 0) return;
  const possible = entries.map(([name, { weightFormats }]) => `${name}: ${weightFormats.join(' or ')}`);
  throw new UserError(
    'usage',
    `--format=${unable.map(([name]) => name).join(',')} does not go with --weight_format=${weightFormat}`,
    `Choose what is possible: for ${possible.join('; for ')}.`,
  );
}
