/*
 * Lists and maps in brackets and braces, read as far as they have been typed.
 */

/** A bracket or brace that is still open. */
export interface Open {
  readonly kind: 'list' | 'map';
  /** Keys that it has already, the one before the cursor last. */
  readonly keys: readonly string[];
  /** Items that are complete. */
  readonly count: number;
  /** What has been typed since the last comma or brace. */
  readonly tail: string;
}

const OPENERS: Readonly<Record<string, Open['kind']>> = { '{': 'map', '[': 'list' };

/** Parts of a text that belong together: a quoted string, a comment, or one character. */
const PARTS = /"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|(?:^|\s)#.*|.|\s/g;

/** Where a key ends and its value begins. */
const KEY = /^\s*["']?([^"':[{\s][^"':]*)["']?\s*:(?:\s|$)/;

/** Returns the key that a piece of a map begins with, or null. */
export const keyIn = (piece: string): string | null => KEY.exec(piece)?.[1]?.trim() ?? null;

/** Returns the open brackets after a text, the innermost last: empty where everything is closed. */
export function openAfter(text: string, before: readonly Open[]): readonly Open[] {
  let open = [...before];
  const change = (change: (top: Open) => Open): void => {
    open = open.map((one, at) => (at === open.length - 1 ? change(one) : one));
  };
  for (const [part] of text.matchAll(PARTS)) {
    if (/^\s?#/.test(part)) continue;
    const kind = OPENERS[part];
    if (kind !== undefined) open.push({ kind, keys: [], count: 0, tail: '' });
    else if (part === '}' || part === ']') open.pop();
    else if (part === ',') {
      change((top) => ({ ...top, keys: keysOf(top), count: top.count + 1, tail: '' }));
    } else change((top) => ({ ...top, tail: top.tail + part }));
  }
  return open;
}

/** The keys of an open map, with the one that is being typed. */
function keysOf({ keys, tail }: Open): readonly string[] {
  const key = keyIn(tail);
  return key === null ? keys : [...keys, key];
}

/** Returns the way from a value into its open brackets: keys of maps, places in lists. */
export const wayInto = (open: readonly Open[]): readonly string[] =>
  open.slice(0, -1).flatMap(({ kind, tail, count }) => {
    if (kind === 'list') return [`${count}`];
    const key = keyIn(tail);
    return key === null ? [] : [key];
  });
