export { splitClauses } from './clauses.ts';
export { hparamsHelp, hparamsMarkdown } from './document.ts';
export { formatChangedHparams, formatHparams, formatList } from './format.ts';
export {
  type BlockDims,
  type BlockEntry,
  parseBlockEntry,
  parseSparsityEntry,
  type SparsityEntry,
} from './maps.ts';
export { hparamsNotices } from './notices.ts';
export { parseHparams } from './parse.ts';
export { DEFAULT_HPARAMS, type HparamName, type PruningHparams, SUPPORTED_HPARAMS } from './table.ts';
export { withDefaults } from './validate.ts';
