import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { type MetaGraphDef, MetaGraphDefSchema } from '../wire/protos.ts';
import { damaged, decodingFile, hintingAtOlder, unreadable } from './damage.ts';
import { metaPath } from './files.ts';

/** The graph that was saved with a checkpoint. @throws UserError `checkpoint` if the file is missing or damaged */
export async function readMetaGraph(prefix: string): Promise<MetaGraphDef> {
  return hintingAtOlder(prefix, async () => {
    const path = metaPath(prefix);
    const bytes = await readFile(path).catch((error) => {
      throw unreadable(path, error);
    });
    const metaGraph = decodingFile(path, 'a MetaGraphDef', () => fromBinary(MetaGraphDefSchema, bytes));
    if (!metaGraph.graphDef?.node.length) throw damaged(path, 'it does not hold a graph');
    return metaGraph;
  });
}
