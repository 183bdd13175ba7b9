import { fromBinary } from '@bufbuild/protobuf';
import { type MetaGraphDef, MetaGraphDefSchema } from '../wire/protos.ts';
import { damaged, decodingFile, hintingAtOlder } from './damage.ts';
import { BY_NAME, type FileAccess } from './file-access.ts';
import { metaPath } from './files.ts';

/** The graph that was saved with a checkpoint. @throws UserError `checkpoint` if the file is missing or damaged */
export async function readMetaGraph(prefix: string, access: FileAccess = BY_NAME): Promise<MetaGraphDef> {
  return hintingAtOlder(prefix, async () => {
    const path = metaPath(prefix);
    const bytes = await access.use(path, (file) => file.readAll());
    const metaGraph = decodingFile(path, 'a MetaGraphDef', () => fromBinary(MetaGraphDefSchema, bytes));
    if (!metaGraph.graphDef?.node.length) throw damaged(path, 'it does not hold a graph');
    return metaGraph;
  });
}
