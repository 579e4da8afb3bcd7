import type { MatrixKind, MatrixOption } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import { rangeCount } from './enumerate.ts';
import type { Fields, Shape } from './fields.ts';
import { readFields } from './fields.ts';
import { readPvalues, readValues } from './items.ts';
import type { Place } from './place.ts';
import type { QuantisedOption } from './quantise.ts';
import { MULTIPLES_MAX, multiplesInside, quantisedBounds } from './quantise.ts';
import { show, showRounded } from './words.ts';

type ReadOption = (sent: unknown, place: Place) => MatrixOption | null;

/**
 * Every option of the matrix: what reads it and notes what is wrong. The result counts only where
 * nothing was.
 */
export const OPTIONS = {
  values: readValues,
  pvalues: readPvalues,
  range: numeric(['start', 'stop', 'step'], [], readRange),
  linspace: numeric(['start', 'stop', 'num'], [], readLinspace),
  logspace: numeric(['start', 'stop', 'num'], ['base'], readLogspace),
  geomspace: numeric(['start', 'stop', 'num'], [], readGeomspace),
  uniform: numeric(['low', 'high'], ['size'], readUniform),
  quniform: numeric(['low', 'high', 'q'], ['size'], (fields) => readQuantised(fields, 'quniform')),
  loguniform: numeric(['low', 'high'], ['size'], readLoguniform),
  qloguniform: numeric(['low', 'high', 'q'], ['size'], readQloguniform),
  normal: numeric(['loc', 'scale'], ['size'], (fields) => ({
    kind: 'normal',
    ...readMoments(fields),
  })),
  qnormal: numeric(['loc', 'scale', 'q'], ['size'], (fields) => ({
    kind: 'qnormal',
    ...readMoments(fields),
    q: readPositive(fields, 'q'),
  })),
  lognormal: numeric(['loc', 'scale'], ['size'], (fields) => ({
    kind: 'lognormal',
    ...readLogMoments(fields),
  })),
  qlognormal: numeric(['loc', 'scale', 'q'], ['size'], (fields) => ({
    kind: 'qlognormal',
    ...readLogMoments(fields),
    q: readPositive(fields, 'q'),
  })),
} as const satisfies Record<MatrixKind, ReadOption>;

function numeric(
  required: Shape['required'],
  optional: Shape['optional'],
  read: (fields: Fields) => MatrixOption,
): ReadOption {
  return (sent, place) => {
    const fields = readFields(sent, { required, optional }, place);
    return fields && read(fields);
  };
}

function readRange(fields: Fields): MatrixOption {
  const [start, stop] = readAscending(fields, 'start', 'stop');
  const step = readPositive(fields, 'step');
  const count = rangeCount(start, stop, step);
  if (start < stop && step > 0 && count > LIMITS.listedValues) {
    fields.place.mistake(
      `${start}:${stop}:${step} lists ${Number.isFinite(count) ? count : 'more values than can be counted'}: at most ${LIMITS.listedValues} values are allowed. Take a larger step, or quniform, which need not be listed.`,
    );
  }
  return { kind: 'range', start, stop, step };
}

function readLinspace(fields: Fields): MatrixOption {
  const [start, stop] = readAscending(fields, 'start', 'stop');
  return { kind: 'linspace', start, stop, num: readNum(fields) };
}

function readLogspace(fields: Fields): MatrixOption {
  const [start, stop] = readAscending(fields, 'start', 'stop');
  const num = readNum(fields);
  const base = fields.numberOr('base', 10);
  if (base <= 0) {
    fields.placeOf('base').mistake(`base is ${base}: it must be above 0, as in 2 or 10.`);
  } else {
    checkPowers(fields, base, [start, stop]);
    if (0 < start && start < stop && stop <= 1 && num >= 1) {
      warnOfLogspace(fields, { start, stop, num, base });
    }
  }
  return { kind: 'logspace', start, stop, num, base };
}

function readGeomspace(fields: Fields): MatrixOption {
  const [start, stop] = readAscending(fields, 'start', 'stop');
  if (start <= 0 && stop >= 0) {
    fields.place.mistake(
      `start is ${start} and stop is ${stop}: a geometric sequence cannot include or cross 0. Take two numbers of the same sign, or linspace.`,
    );
  }
  return { kind: 'geomspace', start, stop, num: readNum(fields) };
}

function readUniform(fields: Fields): MatrixOption {
  const [low, high] = readAscending(fields, 'low', 'high');
  return { kind: 'uniform', low, high };
}

function readLoguniform(fields: Fields): MatrixOption {
  const [low, high] = readAscending(fields, 'low', 'high');
  const arePowers = checkPowers(fields, 'e', [low, high]);
  if (arePowers && low < high && Math.exp(low) === Math.exp(high)) {
    fields.place.mistake(
      `The exponentials of ${low} and ${high} are the same double: take wider bounds.`,
    );
  }
  warnOfLoguniform(fields, { low, high });
  return { kind: 'loguniform', low, high };
}

function readQloguniform(fields: Fields): MatrixOption {
  const option = readQuantised(fields, 'qloguniform');
  checkPowers(fields, 'e', [option.low, option.high]);
  warnOfLoguniform(fields, option);
  return option;
}

function readQuantised(fields: Fields, kind: QuantisedOption['kind']): QuantisedOption {
  const [low, high] = readAscending(fields, 'low', 'high');
  const q = readPositive(fields, 'q');
  const option = { kind, low, high, q };
  const bounds = quantisedBounds(option);
  if (low < high && q > 0 && bounds.high < Number.POSITIVE_INFINITY) checkMultiples(fields, bounds);
  return option;
}

/**
 * Some multiple of q must lie inside the bounds, and neighbouring ones must be different doubles.
 */
function checkMultiples(
  fields: Fields,
  { low, high, q }: ReturnType<typeof quantisedBounds>,
): void {
  const { first, last } = multiplesInside({ low, high, q });
  if (first > last) {
    fields.place.mistake(
      `No multiple of q = ${q} lies between ${low} and ${high}: take a smaller q or wider bounds.`,
    );
  }
  if (Math.max(-first, last) > MULTIPLES_MAX) {
    fields
      .placeOf('q')
      .mistake(
        `q is ${q}: between ${low} and ${high} its multiples cannot be told apart as numbers of 16 digits. Take a larger q, or the option without q.`,
      );
  }
}

function readMoments(fields: Fields): { loc: number; scale: number } {
  return { loc: fields.number('loc'), scale: readPositive(fields, 'scale') };
}

function readLogMoments(fields: Fields): { loc: number; scale: number } {
  const moments = readMoments(fields);
  const middle = Math.exp(moments.loc);
  if (middle === 0 || middle === Number.POSITIVE_INFINITY) {
    fields
      .placeOf('loc')
      .mistake(
        `loc is ${moments.loc}: exp(loc), the middle of the values, is ${middle} as a double. loc is the mean of the logarithm and lies between -745 and 709.`,
      );
  }
  return moments;
}

/** Reads two numbers of which the first must be smaller, by a finite distance. */
function readAscending(fields: Fields, low: string, high: string): [number, number] {
  const first = fields.number(low);
  const second = fields.number(high);
  const given = `${low} is ${first} and ${high} is ${second}`;
  if (first >= second) {
    const advice = first > second ? 'Swap them.' : 'For a single value use values.';
    fields.place.mistake(`${given}: ${low} must be below ${high}. ${advice}`);
  }
  if (second - first === Number.POSITIVE_INFINITY) {
    fields.place.mistake(
      `${given}: their distance must be at most ${Number.MAX_VALUE}. Take narrower bounds.`,
    );
  }
  return [first, second];
}

function readPositive(fields: Fields, name: string): number {
  const number = fields.number(name);
  if (number <= 0) fields.placeOf(name).mistake(`${name} is ${number}: it must be above 0.`);
  return number;
}

function readNum(fields: Fields): number {
  const num = fields.number('num');
  if (num < 1 || num > LIMITS.listedValues || num > Math.floor(num)) {
    fields
      .placeOf('num')
      .mistake(
        `num is ${num}: it is how many values there are, a whole number from 1 to ${LIMITS.listedValues}.`,
      );
  }
  return num;
}

/** Bounds that are exponents must give positive finite values; returns whether they do. */
function checkPowers(fields: Fields, base: 'e' | number, exponents: readonly number[]): boolean {
  let arePowers = true;
  for (const exponent of exponents) {
    const power = base === 'e' ? Math.exp(exponent) : base ** exponent;
    if (power !== 0 && power !== Number.POSITIVE_INFINITY) continue;
    arePowers = false;
    fields.place.mistake(
      `${base} to the power of ${exponent} is ${power} as a double: the bounds are exponents of ${base}, not values. Take exponents nearer to 0.`,
    );
  }
  return arePowers;
}

/** Bounds in (0, 1] look like values, while logspace takes exponents. */
function warnOfLogspace(
  { place }: Fields,
  { start, stop, num, base }: { start: number; stop: number; num: number; base: number },
): void {
  const given = `${start}:${stop}:${show(num)}`;
  const exponent = (x: number): string => showRounded(Math.log(x) / Math.log(base));
  const example =
    base === 1 ? '' : `, which is logspace ${exponent(start)}:${exponent(stop)}:${show(num)}`;
  place.warn(
    'logspace_bounds',
    `logspace takes exponents: ${given} gives values from ${showRounded(base ** start)} to ${showRounded(base ** stop)}. For values from ${start} to ${stop} you probably want geomspace ${given}${example}.`,
  );
}

/** Bounds in (0, 1] look like values, while loguniform takes natural logarithms. */
function warnOfLoguniform({ place }: Fields, { low, high }: { low: number; high: number }): void {
  if (!(0 < low && low < high && high <= 1)) return;
  place.warn(
    'loguniform_bounds',
    `The bounds are natural logarithms: ${low}:${high} gives values from ${showRounded(Math.exp(low))} to ${showRounded(Math.exp(high))}. For values from ${low} to ${high} you probably want the bounds ${showRounded(Math.log(low))}:${showRounded(Math.log(high))}.`,
  );
}
