import type { MatrixOption } from '../domain/hptuning.ts';
import { previousDouble } from '../numerics/doubles.ts';
import { createQuantise, quantisedBounds } from './quantise.ts';

/** An option that values are drawn from. */
export type Distribution = Extract<
  MatrixOption,
  { readonly low: number } | { readonly loc: number }
>;

/** Returns what brings a number into the support of a distribution: between its bounds, to a multiple. */
export function createInside(option: Distribution): (x: number) => number {
  switch (option.kind) {
    case 'quniform':
    case 'qloguniform':
      return createQuantise(quantisedBounds(option));
    case 'qnormal':
    case 'qlognormal':
      return createQuantise({ low: -Number.MAX_VALUE, high: Number.MAX_VALUE, q: option.q });
    case 'uniform':
      return createBounded(option.low, previousDouble(option.high));
    case 'loguniform':
      return createBounded(Math.exp(option.low), previousDouble(Math.exp(option.high)));
    case 'normal':
      return createBounded(-Number.MAX_VALUE, Number.MAX_VALUE);
    case 'lognormal':
      return createBounded(Number.MIN_VALUE, Number.MAX_VALUE);
  }
}

/** Returns what brings a number between two others; never −0. */
export const createBounded =
  (least: number, most: number) =>
  (x: number): number =>
    Math.min(Math.max(x, least), most) + 0;
