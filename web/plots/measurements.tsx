import { useCallback } from 'preact/hooks';
import type { Measured } from './options/measurements.ts';
import { drawMeasurements } from './options/measurements.ts';
import type { Palette } from './options/palette.ts';
import { Plot } from './plot.tsx';

interface MeasurementsProps {
  readonly metric: string;
  /** Of any metrics, in their order. */
  readonly measurements: readonly Measured[];
}

/** One metric of one experiment over its steps. */
export function Measurements({ metric, measurements }: MeasurementsProps) {
  const draw = useCallback(
    (palette: Palette) => drawMeasurements({ metric, measurements }, palette),
    [metric, measurements],
  );
  return <Plot label={`Measurements of ${metric}`} draw={draw} />;
}
