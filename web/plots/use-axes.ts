import { useMemo } from 'preact/hooks';
import type { Drawn } from './data.ts';
import type { Axis } from './options/axes.ts';
import { axesOf } from './options/axes.ts';

/** Returns the axes of a group's parameters, by `matrix` of its normal form. */
export const useAxes = (drawn: Drawn, matrix: Readonly<Record<string, unknown>>): readonly Axis[] =>
  useMemo(() => axesOf(drawn, matrix), [drawn, matrix]);
