import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Json } from '../domain/values.ts';

const STRINGS_AND_WORDS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/** Bare NaN and Infinity as the strings that the contract knows; text inside quotes stays. */
const quoteBareWords = (text: string): string =>
  text.replace(STRINGS_AND_WORDS, (match) => (match.startsWith('"') ? match : `"${match}"`));

function parsed(text: string): Result<Json, string> {
  try {
    const value: Json = JSON.parse(text);
    return ok(value);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Parses a JSON body; the failure says why it is none. `bareWords` also takes NaN, Infinity and -Infinity without
 * quotes, as Python's `json.dumps` writes them.
 */
export function parseJson(
  text: string,
  options: { readonly bareWords: boolean },
): Result<Json, string> {
  const strict = parsed(text);
  const result = strict.ok || !options.bareWords ? strict : parsed(quoteBareWords(text));
  if (result.ok) return result;
  const hint = /\b(?:NaN|Infinity)\b/.test(text)
    ? '; a number that is not finite is written as a string: "NaN"'
    : '';
  return err(`The body is no JSON: ${result.fault}${hint}`);
}
