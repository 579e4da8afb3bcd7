import type { Mistake } from '../domain/problem.ts';
import { EVENT_PATTERNS } from '../domain/webhook.ts';
import { nearest } from './nearest.ts';
import { shortened } from './words.ts';

const SHOWN_CHARACTERS = 64;

/**
 * Returns one mistake for each pattern that no event can match, with the nearest one that would be right.
 *
 * @param path - of the list in the request, such as `events`
 */
export const checkEventPatterns = (patterns: readonly string[], path: string): readonly Mistake[] =>
  patterns.flatMap((pattern, index): readonly Mistake[] => {
    if (EVENT_PATTERNS.includes(pattern)) return [];
    const meant = nearest(pattern, EVENT_PATTERNS);
    const shown = JSON.stringify(shortened(pattern, SHOWN_CHARACTERS));
    const question = meant === undefined ? '.' : `; did you mean "${meant}"?`;
    const message = `There is no event ${shown}${question} Allowed here: ${EVENT_PATTERNS.join(', ')}.`;
    return [
      { path: `${path}[${index}]`, message, ...(meant !== undefined && { suggestion: meant }) },
    ];
  });
