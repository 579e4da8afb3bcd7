/** A value that is made when it is first asked for, and kept: a cold start makes only what it needs. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
