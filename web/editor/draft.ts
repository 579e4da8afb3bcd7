/*
 * The document that is being written, kept by the browser until the tab is closed, so that loading the page anew loses
 * nothing.
 */

const STORED = 'rungwise.draft';

/** Returns the draft of this tab, or null; storage may be forbidden. */
export function readDraft(): string | null {
  try {
    return sessionStorage.getItem(STORED);
  } catch {
    return null;
  }
}

/** Keeps the draft; null forgets it. */
export function keepDraft(text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, text);
  } catch {
    // Forbidden or full: the draft lasts until the page is left.
  }
}
