import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { Button } from '../parts/button.tsx';
import type { Drawn } from './data.ts';
import type { Palette } from './options/palette.ts';
import type { Brushes } from './options/parallel.ts';
import { drawParallel, passing } from './options/parallel.ts';
import type { OnBrush } from './plot.tsx';
import { Plot } from './plot.tsx';
import { currentPalette } from './theme.ts';
import { useAxes } from './use-axes.ts';

interface ParallelProps {
  readonly drawn: Drawn;
  /** `matrix` of the group's normal form. */
  readonly matrix: Readonly<Record<string, unknown>>;
  /** Told the numbers of the experiments that pass through all that is brushed; null while nothing is. */
  readonly onSelect?: (numbers: readonly number[] | null) => void;
}

const NONE: Brushes = new Map();

/** Every experiment as a line through its values; drag along an axis to choose some. */
export function Parallel({ drawn, matrix, onSelect }: ParallelProps) {
  const axes = useAxes(drawn, matrix);
  const [brushes, setBrushes] = useState(NONE);
  // Another key forgets what was brushed.
  const [cleared, setCleared] = useState(0);
  const draw = useCallback((colours: Palette) => drawParallel(drawn, axes, colours), [drawn, axes]);
  const onBrush: OnBrush = (axis, intervals) => {
    const next = new Map(brushes);
    if (intervals.length === 0) next.delete(axis);
    else next.set(axis, intervals);
    setBrushes(next);
  };
  // Another theme draws the plot anew, with nothing brushed.
  const palette = currentPalette();
  useEffect(() => setBrushes(NONE), [palette]);
  const numbers = useMemo(
    () => (brushes.size === 0 ? null : passing(drawn, axes, brushes)),
    [drawn, axes, brushes],
  );
  useEffect(() => onSelect?.(numbers), [onSelect, numbers]);
  return (
    <Plot key={cleared} label="Parallel coordinates" draw={draw} onBrush={onBrush}>
      <span class="plot-note" role="status">
        {numbers === null
          ? 'Drag along an axis to select experiments.'
          : `${numbers.length} selected`}
      </span>
      {numbers !== null && (
        <Button
          look="plain"
          onClick={() => {
            setBrushes(NONE);
            setCleared(cleared + 1);
          }}
        >
          Clear
        </Button>
      )}
    </Plot>
  );
}
