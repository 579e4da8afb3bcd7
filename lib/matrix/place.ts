import type { Mistake, Warning } from '../domain/problem.ts';
import { clip } from './words.ts';

/** A place in a document, which takes note of what is wrong there. */
export interface Place {
  /** The place of a key of a map or of an item of a list. */
  readonly at: (key: string | number) => Place;
  readonly mistake: (message: string, suggestion?: string) => void;
  readonly warn: (code: string, message: string) => void;
}

/** Returns a place whose notes go to the given lists. */
export function createPlace(
  path: string,
  notes: { readonly mistakes: Mistake[]; readonly warnings: Warning[] },
): Place {
  return {
    at: (key) => createPlace(join(path, key), notes),
    mistake: (message, suggestion) => {
      notes.mistakes.push({ path, message, ...(suggestion !== undefined && { suggestion }) });
    },
    warn: (code, message) => {
      notes.warnings.push({ path, code, message });
    },
  };
}

function join(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? clip(key) : `${path}.${clip(key)}`;
}
