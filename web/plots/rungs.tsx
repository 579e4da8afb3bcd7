import { useCallback } from 'preact/hooks';
import type { Rungs as RungsData } from './data.ts';
import type { Palette } from './options/palette.ts';
import { drawRungs } from './options/rungs.ts';
import { Plot } from './plot.tsx';

interface RungsProps {
  readonly rungs: RungsData;
  /** Name of the resource, such as `epochs`. */
  readonly resource: string;
}

/** Brackets and rungs with their experiments. */
export function Rungs({ rungs, resource }: RungsProps) {
  const draw = useCallback(
    (palette: Palette) => drawRungs({ rungs, resource }, palette),
    [rungs, resource],
  );
  return <Plot label="Brackets and rungs" draw={draw} />;
}
