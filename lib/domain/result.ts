/** The outcome of an operation whose failure the caller expects: a value, or the reason there is none. */
export type Result<T, F> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: F };

/** Wraps a value as a success. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** Wraps the reason of an expected failure. */
export const err = <F>(fault: F): { readonly ok: false; readonly fault: F } => ({
  ok: false,
  fault,
});
