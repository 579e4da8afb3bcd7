import type { Mistake } from '../domain/problem.ts';
import { grouped } from './words.ts';

/** More is nothing that somebody mends one by one, and would make an answer larger than it may be. */
const MISTAKES_MAX = 1_000;

/** Returns the first mistakes, with the number of those that are left out. */
export function limitMistakes(
  mistakes: readonly Mistake[],
  max: number = MISTAKES_MAX,
): readonly Mistake[] {
  if (mistakes.length <= max) return mistakes;
  const more = grouped(mistakes.length - max);
  const message = `There are ${more} mistakes more. Mend the first ${grouped(max)} and try again.`;
  return [...mistakes.slice(0, max), { path: '', message }];
}
