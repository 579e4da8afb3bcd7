import type { Matrix } from '../domain/hptuning.ts';
import type { Values } from '../domain/values.ts';
import { valueKey } from '../domain/values.ts';

/**
 * Returns a function from values to a string that is equal exactly where they are, whatever the
 * order of their keys: fit for a Set or a Map.
 */
export function createValuesKey(matrix: Matrix): (values: Values) => string {
  const names = matrix.map(({ name }) => name);
  return (values) =>
    names
      .map((name) => {
        const value = values[name];
        return value === undefined ? '' : valueKey(value);
      })
      .join();
}
