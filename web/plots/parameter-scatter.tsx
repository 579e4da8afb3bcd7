import { useCallback } from 'preact/hooks';
import type { Drawn } from './data.ts';
import type { Axis } from './options/axes.ts';
import type { Palette } from './options/palette.ts';
import { drawParameter } from './options/parameter-scatter.ts';
import { Plot } from './plot.tsx';
import { useAxes } from './use-axes.ts';

interface ParameterScatterProps {
  readonly drawn: Drawn;
  /** `matrix` of the group's normal form. */
  readonly matrix: Readonly<Record<string, unknown>>;
  /** Name of the parameter. */
  readonly parameter: string;
}

/** One parameter against the metric. */
export function ParameterScatter({ drawn, matrix, parameter }: ParameterScatterProps) {
  const axis: Axis | undefined = useAxes(drawn, matrix).find(({ name }) => name === parameter);
  const draw = useCallback(
    (palette: Palette) =>
      axis === undefined
        ? { nothing: 'No experiment has this parameter yet.' }
        : drawParameter(drawn, axis, palette),
    [drawn, axis],
  );
  return <Plot label={`${parameter} and the metric`} draw={draw} />;
}
