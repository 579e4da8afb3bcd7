import { distance } from 'fastest-levenshtein';
import type { Place } from './position.ts';
import { createFinder, lineAndColumn, placeAt } from './position.ts';

/*
 * What is to be said about a document, each where it belongs in the text.
 */

/** One thing that is wrong, or that its author may not have meant. */
export interface Finding extends Place {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Dotted, as the service names the place; empty for the whole document. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** What to write instead, and where; null where that is for people to say. */
  readonly fix: (Place & { readonly word: string }) | null;
}

/** What the service says about one place of a document. */
interface Remark {
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** A word is taken for another one that was meant if at most this part of it differs. */
const DIFFERENT_MAX = 0.5;

/** Returns which of the words at a place is to be replaced: the one that is nearest to the suggestion. */
function fixOf(
  text: string,
  words: readonly Place[],
  { suggestion }: Remark,
): (Place & { readonly word: string }) | null {
  if (suggestion === undefined) return null;
  const [nearest] = words
    .map(({ from, to }) => ({ from, to, away: distance(text.slice(from, to), suggestion) }))
    .filter(({ away }) => away > 0 && away <= suggestion.length * DIFFERENT_MAX)
    .sort((a, b) => a.away - b.away);
  return nearest === undefined ? null : { from: nearest.from, to: nearest.to, word: suggestion };
}

/** Returns remarks of the service with their places, from the top of the text down. */
export function findingsOf(
  text: string,
  remarks: readonly Remark[],
  severity: Finding['severity'],
): readonly Finding[] {
  if (remarks.length === 0) return [];
  const find = createFinder(text);
  return remarks
    .map((remark): Finding => {
      const { words, from, to } = find(remark.path);
      const { path, message } = remark;
      const fix = fixOf(text, words, remark);
      return { from, to, severity, message, path, fix, ...lineAndColumn(text, from) };
    })
    .sort((a, b) => a.from - b.from);
}

/** Returns the finding of a text that is no YAML. */
export function syntaxFinding(
  text: string,
  mistake: { readonly message: string; readonly line: number; readonly column: number },
): Finding {
  const { message, line, column } = mistake;
  const place = placeAt(text, line, column);
  return { ...place, severity: 'error', message, path: '', line, column, fix: null };
}
