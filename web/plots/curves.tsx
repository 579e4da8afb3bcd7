import { useCallback, useState } from 'preact/hooks';
import type { Curves as CurvesData, Optimization } from './data.ts';
import { drawCurves } from './options/curves.ts';
import type { Palette } from './options/palette.ts';
import { Plot } from './plot.tsx';
import { Switch } from './switch.tsx';

const CHOICES = [
  { name: 'linear', title: 'linear' },
  { name: 'log', title: 'logarithmic' },
] as const;

interface CurvesProps {
  readonly curves: CurvesData;
  /** Null where the search does not go by this metric. */
  readonly optimization: Optimization | null;
  /** Number of the incumbent, or null. */
  readonly incumbent: number | null;
}

/** Learning curves. */
export function Curves({ curves, optimization, incumbent }: CurvesProps) {
  const [scale, setScale] = useState<'linear' | 'log'>('linear');
  const draw = useCallback(
    (palette: Palette) =>
      drawCurves(curves, palette, { optimization, incumbent, isLog: scale === 'log' }),
    [curves, optimization, incumbent, scale],
  );
  return (
    <Plot label="Learning curves" draw={draw}>
      <Switch label="Axis" choices={CHOICES} chosen={scale} onChoose={setScale} />
    </Plot>
  );
}
