import type { Matrix, MatrixOption } from '../domain/hptuning.ts';
import type { Mistake } from '../domain/problem.ts';
import type { Value } from '../domain/values.ts';
import { valueKey } from '../domain/values.ts';
import { listValues } from './enumerate.ts';
import { show } from './words.ts';

/** Values that a parameter names one by one; null for distributions. */
const namedValues = (option: MatrixOption): readonly Value[] | null =>
  option.kind === 'pvalues' ? option.values : listValues(option);

const MAX_SHOWN = 10;

/** Smallest and largest number that a parameter can take; null where its values are not all numbers. */
function boundsOf(option: MatrixOption): readonly [low: number, high: number] | null {
  switch (option.kind) {
    case 'uniform':
    case 'quniform':
      return [option.low, option.high];
    case 'loguniform':
    case 'qloguniform':
      return [Math.exp(option.low), Math.exp(option.high)];
    case 'normal':
    case 'qnormal':
      return [-Number.MAX_VALUE, Number.MAX_VALUE];
    case 'lognormal':
    case 'qlognormal':
      return [0, Number.MAX_VALUE];
    default: {
      const values = namedValues(option) ?? [];
      const numbers = values.filter((value) => typeof value === 'number');
      if (numbers.length === 0 || numbers.length < values.length) return null;
      return [
        numbers.reduce((low, value) => Math.min(low, value)),
        numbers.reduce((high, value) => Math.max(high, value)),
      ];
    }
  }
}

function valueMistake(option: MatrixOption, value: Value, path: string): Mistake | null {
  const listed = namedValues(option);
  if (listed?.some((item) => valueKey(item) === valueKey(value)) === true) return null;
  const bounds = boundsOf(option);
  if (bounds === null) {
    const allowed = (listed ?? []).slice(0, MAX_SHOWN).map(show).join(', ');
    const more = (listed?.length ?? 0) > MAX_SHOWN ? ', …' : '';
    return { path, message: `${show(value)} is not one of its values: ${allowed}${more}` };
  }
  const [low, high] = bounds;
  if (typeof value === 'number' && value >= low && value <= high) return null;
  const range = `a number from ${low} to ${high}`;
  return { path, message: `${show(value)} is outside the matrix; allowed: ${range}` };
}

/**
 * What is wrong with values that a caller wants to try: exactly the matrix's parameters, each inside its bounds. A
 * numeric parameter may take a value between those that it lists.
 */
export function valuesMistakes(
  matrix: Matrix,
  values: Readonly<Record<string, Value>>,
  path: string,
): readonly Mistake[] {
  const known = new Set(matrix.map(({ name }) => name));
  const names = [...known].join(', ');
  const unknown = Object.keys(values)
    .filter((name) => !known.has(name))
    .map((name): Mistake => {
      const message = `unknown parameter "${name}"; the matrix has: ${names}`;
      return { path: `${path}.${name}`, message };
    });
  const others = matrix.flatMap(({ name, option }): readonly Mistake[] => {
    const at = `${path}.${name}`;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return [{ path: at, message: `missing; the matrix has: ${names}` }];
    const mistake = valueMistake(option, value, at);
    return mistake === null ? [] : [mistake];
  });
  return [...unknown, ...others];
}
