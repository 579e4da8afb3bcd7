/** A value without structure. */
export type Scalar = number | string | boolean;

/** One value that a parameter can take: a scalar or a flat list of scalars. */
export type Value = Scalar | readonly Scalar[];

/** One assignment of a value to every parameter, in the order of the matrix. */
export type Values = Readonly<Record<string, Value>>;

/** Anything that JSON can carry. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Tells whether two values are equal as JSON values are: 1 and 1.0 are, 1 and "1", 1 and true are not.
 * Returned as a string that is equal exactly where the values are, fit for a Set or a Map.
 */
export const valueKey = (value: Value): string => JSON.stringify(value === 0 ? 0 : value);
