import { distance } from 'fastest-levenshtein';

/** Longer words are no slip of a known one, and comparing them would cost time. */
const CHARACTERS_MAX = 128;

/** The shortest beginning that names a longer word: `grid` for `grid_search`. */
const BEGINNING_CHARACTERS_MIN = 3;

/**
 * Returns the known word that was probably meant, or undefined where none is near: one edit in
 * three characters, whatever the case, or the beginning of exactly one known word.
 *
 * *Cost* O(known words × characters²).
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > CHARACTERS_MAX) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let fewest = Math.ceil(wanted.length / 3) + 1;
  const begun: string[] = [];
  for (const candidate of known) {
    if (candidate === word || candidate.length > CHARACTERS_MAX) continue;
    const lower = candidate.toLowerCase();
    if (wanted.length >= BEGINNING_CHARACTERS_MIN && lower.startsWith(wanted))
      begun.push(candidate);
    if (Math.abs(lower.length - wanted.length) >= fewest) continue;
    const edits = distance(wanted, lower);
    // A word whose every character differs is near to nothing.
    if (edits >= fewest || edits >= lower.length) continue;
    fewest = edits;
    best = candidate;
  }
  return best ?? (begun.length === 1 ? begun[0] : undefined);
}
