import type { MatrixOption } from '../domain/hptuning.ts';
import type { Value } from '../domain/values.ts';

/**
 * Returns how many values `range` lists: those below stop, as numpy's arange counts them.
 * Infinite where the quotient overflows.
 */
export const rangeCount = (start: number, stop: number, step: number): number =>
  // A quotient that underflows to zero still leaves the start.
  Math.max(1, Math.ceil((stop - start) / step));

/**
 * start, start + step, and so on by the difference of these two, which is how numpy's arange fills
 * in the rest.
 */
function listRange(start: number, stop: number, step: number): number[] {
  const second = start + step;
  const delta = second - start;
  return Array.from({ length: rangeCount(start, stop, step) }, (_, i) =>
    i === 1 ? second : start + i * delta,
  );
}

/** Evenly spaced numbers with both ends, in the order of operations of numpy's linspace. */
function listLinspace(start: number, stop: number, num: number): number[] {
  const gaps = num - 1;
  if (gaps === 0) return [start];
  const delta = stop - start;
  const step = delta / gaps;
  return Array.from({ length: num }, (_, i) => {
    if (i === gaps) return stop;
    // Between subnormal ends the step itself may vanish.
    return step === 0 ? (i / gaps) * delta + start : i * step + start;
  });
}

const listLogspace = (start: number, stop: number, num: number, base: number): number[] =>
  listLinspace(start, stop, num).map((exponent) => base ** exponent);

/**
 * Numbers with a constant ratio and exactly the given ends, by way of base 10 as numpy's geomspace.
 */
function listGeomspace(start: number, stop: number, num: number): number[] {
  const sign = Math.sign(start);
  const powers = listLogspace(Math.log10(sign * start), Math.log10(sign * stop), num, 10);
  return powers.map((power, i) => {
    if (i === 0) return start;
    return i === num - 1 ? stop : sign * power;
  });
}

function list(option: MatrixOption): readonly Value[] | null {
  switch (option.kind) {
    case 'values':
      return option.values;
    case 'range':
      return listRange(option.start, option.stop, option.step);
    case 'linspace':
      return listLinspace(option.start, option.stop, option.num);
    case 'logspace':
      return listLogspace(option.start, option.stop, option.num, option.base);
    case 'geomspace':
      return listGeomspace(option.start, option.stop, option.num);
    case 'pvalues':
    case 'uniform':
    case 'quniform':
    case 'loguniform':
    case 'qloguniform':
    case 'normal':
    case 'qnormal':
    case 'lognormal':
    case 'qlognormal':
      return null;
  }
}

const lists = new WeakMap<MatrixOption, readonly Value[] | null>();

/**
 * Returns the values of an option that lists them, in order and with repeats, equal to numpy's
 * arange, linspace, logspace and geomspace; or null for an option that is drawn from a distribution
 * (pvalues included).
 */
export function listValues(option: MatrixOption): readonly Value[] | null {
  const known = lists.get(option);
  if (known !== undefined) return known;
  const values = list(option);
  lists.set(option, values);
  return values;
}
