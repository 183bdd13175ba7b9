import { UserError } from '../errors.ts';
import type { GraphDef } from '../wire/protos.ts';
import { compareRuns, type RunComparison } from './compare-runs.ts';
import { compareWeights, type WeightComparison } from './compare-weights.ts';
import type { ExportedFile, ExportFormat, StoredWeight } from './format.ts';
import type { WeightFormat } from './weight-format.ts';

export interface VerifyOptions {
  readonly format: ExportFormat;
  readonly weightFormat: WeightFormat;
  /** The output nodes of the export. */
  readonly outputs: readonly string[];
  /** The files as read back from disk. */
  readonly files: readonly ExportedFile[];
  /** What errors call the export. */
  readonly name: string;
}

/** The result of a verification that succeeded. */
export interface Verification {
  /** Each weight as the files hold it. */
  readonly stored: ReadonlyMap<string, StoredWeight>;
  readonly weights: WeightComparison;
  /** The comparison of outputs; or in words why the graph was not run; undefined if our runtime does not run the format. */
  readonly run: RunComparison | string | undefined;
}

/**
 * Compares an export with the frozen graph that it was made from. Each weight may differ by the format's rounding at most.
 * If the files hold a graph that our runtime can run, its outputs for a few seeded inputs must equal, bit for bit, those of
 * the frozen graph with rounded weights.
 *
 * @throws UserError `graph` if it does not hold, with the largest difference and its bound
 */
export async function verifyExport(graph: GraphDef, options: VerifyOptions): Promise<Verification> {
  const { format, weightFormat, outputs, files, name } = options;
  try {
    const stored = format.readWeights(files);
    const weights = compareWeights(graph, format, weightFormat, stored);
    const written = format.readGraph?.(files);
    return { stored, weights, run: written && (await compareRuns(graph, weightFormat, outputs, written)) };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'graph') throw error;
    throw new UserError('graph', `${name} failed verification, and was not written: ${error.message}`, HINT, {
      cause: error,
    });
  }
}

const HINT = 'Strip again; if that does not help, please report it.';
