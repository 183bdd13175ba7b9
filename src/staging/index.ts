export { refuseExisting } from './replace.ts';
export { type NamedBytes, StagedFiles, type StageOptions } from './staged-files.ts';
