import { toBinary } from '@bufbuild/protobuf';
import { closest } from 'fastest-levenshtein';
import { UserError } from '../errors.ts';
import {
  type Distribution,
  distribution,
  type InputShapes,
  inspection,
  loadModel,
  type Model,
} from '../inspect/index.ts';
import { EventWriter } from '../summary/index.ts';
import { TASKS } from '../tasks/index.ts';
import { GraphDefSchema } from '../wire/protos.ts';
import type { Context } from './context.ts';
import { formatHistogram } from './inspect-histogram.ts';
import { inspectionJson } from './inspect-json.ts';
import { formatInspection } from './inspect-output.ts';

export interface InspectOptions {
  readonly json: boolean;
  /** Whether to also show the tensors that are not weights; JSON always has them. */
  readonly all: boolean;
  /** Histograms to print: of all weights, of none, or of the layer or weight of this name. */
  readonly histogram: boolean | string;
  readonly logdir: string | undefined;
  readonly input_shape: InputShapes;
}

/** Prints what a model holds. */
export async function inspectPath(path: string, options: InspectOptions, context: Context): Promise<void> {
  const model = await loadModel(path, options.input_shape, TASKS);
  const found = inspection(model);
  const histograms = histogramsOf(model, options.histogram);
  const eventFile = options.logdir === undefined ? undefined : writeGraph(model, options.logdir);
  if (options.json) {
    context.stdout.write(`${JSON.stringify(inspectionJson(found, histograms, eventFile))}\n`);
    return;
  }
  const unicode = process.env.TERM !== 'dumb' && !process.env.NO_UNICODE;
  const parts = [
    formatInspection(found, options),
    ...[...histograms].map(([name, bins]) => formatHistogram(name, bins, unicode)),
    ...(eventFile ? [`graph written: ${eventFile}\nopen it: tensorboard --logdir=${options.logdir}`] : []),
  ];
  context.stdout.write(`${parts.join('\n\n')}\n`);
}

/** Histograms by the weights' names. @throws UserError `argument` if no layer or weight has the name `which` */
function histogramsOf({ weights, path }: Model, which: boolean | string): Map<string, Distribution> {
  const wanted = weights.filter(({ name }) =>
    typeof which === 'string' ? name === which || name.startsWith(`${which}/`) : which,
  );
  if (typeof which === 'string' && wanted.length === 0) {
    const names = weights.map(({ name }) => name);
    throw new UserError(
      'argument',
      `--histogram=${which}: ${path} has no weights of that name or layer`,
      names.length > 0 ? `Give another name, such as ${closest(which, names)}.` : undefined,
    );
  }
  return new Map(wanted.map(({ name, effective }) => [name, distribution(effective.values)]));
}

/** Writes the graph into an event file and returns its path. @throws UserError `argument` if the model has no TensorFlow graph */
function writeGraph({ graph, kind, path }: Model, logdir: string): string {
  if (!graph)
    throw new UserError(
      'argument',
      `--logdir: ${path} holds no TensorFlow graph, and TensorBoard shows no other`,
      kind === 'checkpoint'
        ? 'Restore the .meta file of the checkpoint: it holds the graph.'
        : `Leave --logdir out for this ${kind}.`,
    );
  const writer = new EventWriter(logdir);
  writer.addGraph(toBinary(GraphDefSchema, graph));
  writer.close();
  return writer.path;
}
