import { drawsOf } from '../runtime/mutations.ts';

/** `count` times FAULTS_SCALE, at least once. */
export const scaled = (count: number): number =>
  Math.max(1, Math.round(count * Number(process.env.FAULTS_SCALE ?? 1)));

/** The same draws each time for the same purpose; FAULTS_SEED=N gives others. */
export const drawsFor = (purpose: string) => {
  const letters = [...purpose].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7);
  return drawsOf(letters ^ Math.imul(Number(process.env.FAULTS_SEED ?? 1), 2654435761));
};
