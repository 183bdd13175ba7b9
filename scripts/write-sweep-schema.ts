import { writeFileSync } from 'node:fs';
import { recipeSchema } from '../src/cli/sweep/schema.ts';

const path = new URL('../schemas/sweep.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(recipeSchema(), null, 2)}\n`);
