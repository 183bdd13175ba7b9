import { UserError } from '../errors.ts';
import type { ExportFormat } from './format.ts';
import type { WeightFormat } from './weight-format.ts';

/**
 * Refuses to store weights in a way that one of the formats has no room for.
 *
 * @param formats by the names that users know
 * @throws UserError `usage` with all that each of the formats can store
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
