import { UserError } from '../errors.ts';
import type { GraphDef } from '../wire/protos.ts';
import { compareRuns, type RunComparison } from './compare-runs.ts';
import { compareWeights, type WeightComparison } from './compare-weights.ts';
import type { ExportedFile, ExportFormat, StoredWeight } from './format.ts';
import type { WeightFormat } from './weight-format.ts';

export interface VerifyOptions {
  readonly format: ExportFormat;
  readonly weightFormat: WeightFormat;
  /** The nodes whose values the export is for. */
  readonly outputs: readonly string[];
  /** As they were read from disk. */
  readonly files: readonly ExportedFile[];
  /** What errors call them. */
  readonly name: string;
}

/** What was found of an export that is as it should be. */
export interface Verification {
  /** What the files hold of each weight. */
  readonly stored: ReadonlyMap<string, StoredWeight>;
  readonly weights: WeightComparison;
  /** What running the file told; in words why it was not run; or undefined where the files hold no graph to run. */
  readonly run: RunComparison | string | undefined;
}

/**
 * Compares an export with the frozen graph that it was made of. Each weight must lie where the format's rounding can take it.
 * Where the files hold a graph that our runtime can run, it must compute from a few seeded inputs, to the bit, what the
 * frozen graph does with its weights rounded.
 *
 * @throws UserError `graph` where that is not so, with the largest difference and its bound
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
