import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { planRuns } from '../../../src/cli/sweep/plan.ts';
import { parseRecipe } from '../../../src/cli/sweep/recipe.ts';
import { formatResults } from '../../../src/cli/sweep/sweep-table.ts';
import { readScalars } from '../../../src/summary/read-scalars.ts';
import { readWholeResult } from '../../../src/sweep/result.ts';
import { readSweep, type Sweep } from '../../../src/sweep/sweep-folder.ts';
import { EventSchema, SessionLog_SessionStatus } from '../../../src/wire/protos.ts';
import { decodeRecords, encodeRecord } from '../../../src/wire/record.ts';
import { SAMPLE_RESULT } from '../../report/sample-result.ts';
import { type Draw, damageBytes } from '../../runtime/mutations.ts';
import { damageText } from './damage-text.ts';
import { damageJson, damageMessage } from './damage-tree.ts';
import { folder, utf8 } from './folder.ts';
import type { Target } from './target.ts';

const sweep: Sweep = {
  runs: [{ name: 'a', settings: SAMPLE_RESULT.settings }],
  formats: ['pb'],
  weightFormats: ['dense', 'sparse,int8'],
  numExamples: 9,
};

const TAG = 'total_loss';
const events = [1, 2, 2, 3].map((step, index) =>
  create(EventSchema, {
    wallTime: 1000 + index,
    step: BigInt(step),
    what:
      index % 2 === 0
        ? { case: 'sessionLog', value: { status: SessionLog_SessionStatus.START } }
        : { case: 'summary', value: { value: [{ tag: TAG, value: { case: 'simpleValue', value: step } }] } },
  }),
);

const RECIPES = [
  'settings: { max_steps: 10000 }\ngrid: { target_sparsity: [0.75, 0.9], seed: [1, 2] }\n',
  'settings: &all\n  seed: 1\ngrid:\n  batch_size: [64, 128]\nruns:\n  - { weight_sparsity_map: ["conv1:0.5"], seed: 2 }\n',
  '{"grid": {"target_sparsity": [0.5]}, "runs": [{"seed": 3}]}',
];

/** What sweeps and reports read. */
export const runTargets: Readonly<Record<string, Target>> = {
  sweep_result: {
    whole: [utf8(JSON.stringify(SAMPLE_RESULT))],
    damage: damageJson,
    async read(bytes) {
      writeFileSync(join(folder, 'result.json'), bytes);
      const read = await readWholeResult(folder);
      if (read) formatResults([read]);
    },
  },
  sweep: {
    whole: [utf8(JSON.stringify(sweep))],
    damage: damageJson,
    read(bytes) {
      writeFileSync(join(folder, 'sweep.json'), bytes);
      return readSweep(folder);
    },
  },
  sweep_recipe: {
    whole: RECIPES.map(utf8),
    damage: damageText,
    read: (bytes) => planRuns(parseRecipe(new TextDecoder().decode(bytes), 'recipe')),
  },
  event_scalars: {
    whole: [Buffer.concat(events.map((event) => encodeRecord(toBinary(EventSchema, event))))],
    damage: damageEvents,
    read(bytes) {
      writeFileSync(join(folder, 'events.out.tfevents.1.host'), bytes);
      return readScalars(folder, [TAG]);
    },
  },
};

/** One event's message, with the checksums right again, or any bytes. */
function damageEvents(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (draw(3) === 0) return damageBytes(bytes, draw);
  try {
    const records = [...decodeRecords(bytes)];
    const at = draw(records.length);
    records[at] = damageMessage(EventSchema, records[at]!, draw);
    return Buffer.concat(records.map(encodeRecord));
  } catch {
    return damageBytes(bytes, draw);
  }
}
