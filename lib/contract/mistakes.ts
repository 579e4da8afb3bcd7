import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
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

/** Returns a mistake as one sentence that begins with its place; the whole body has none. */
export const describeMistake = ({ path, message }: Mistake): string =>
  path === '' ? message : `${path}: ${message}`;

const CODES = { request: 'invalid_request', document: 'invalid_document' } as const;

/**
 * Returns the fault of something with mistakes: its detail is the only one, or tells how many there are.
 *
 * @param max - how many of them the answer lists
 */
export function refuse(
  what: keyof typeof CODES,
  mistakes: readonly Mistake[],
  max: number = MISTAKES_MAX,
): Fault {
  const [first] = mistakes;
  const detail =
    mistakes.length === 1 && first !== undefined
      ? describeMistake(first)
      : `The ${what} has ${grouped(mistakes.length)} mistakes; errors lists them all.`;
  return fault(CODES[what], detail, { errors: limitMistakes(mistakes, max) });
}
