import { useCallback, useState } from 'preact/hooks';
import type { Contour as ContourData, Drawn } from './data.ts';
import type { Layer } from './options/contour.ts';
import { drawContour } from './options/contour.ts';
import type { Palette } from './options/palette.ts';
import { Plot } from './plot.tsx';
import { Switch } from './switch.tsx';

const CHOICES = [
  { name: 'mean', title: 'mean' },
  { name: 'standard_deviation', title: 'standard deviation' },
] as const satisfies readonly { readonly name: Layer; readonly title: string }[];

interface ContourProps {
  readonly contour: ContourData;
  /** The experiments that are drawn on top. */
  readonly drawn: Drawn;
}

/** What the surrogate thinks of two parameters. */
export function Contour({ contour, drawn }: ContourProps) {
  const [layer, setLayer] = useState<Layer>('mean');
  const draw = useCallback(
    (palette: Palette) => drawContour({ contour, drawn }, palette, layer),
    [contour, drawn, layer],
  );
  return (
    <Plot label={`Surrogate over ${contour.x.name} and ${contour.y.name}`} draw={draw}>
      <Switch label="Surrogate's" choices={CHOICES} chosen={layer} onChoose={setLayer} />
    </Plot>
  );
}
