import { useCallback, useState } from 'preact/hooks';
import type { Drawn } from './data.ts';
import type { Along } from './options/best-so-far.ts';
import { drawBestSoFar } from './options/best-so-far.ts';
import type { Palette } from './options/palette.ts';
import { Plot } from './plot.tsx';
import { Switch } from './switch.tsx';

const CHOICES = [
  { name: 'number', title: 'experiment' },
  { name: 'minutes', title: 'minutes since the start' },
] as const satisfies readonly { readonly name: Along; readonly title: string }[];

/** The objective of every experiment, and the best so far. */
export function BestSoFar({ drawn }: { readonly drawn: Drawn }) {
  const [along, setAlong] = useState<Along>('number');
  const draw = useCallback(
    (palette: Palette) => drawBestSoFar(drawn, palette, { along }),
    [drawn, along],
  );
  return (
    <Plot label="Best so far" draw={draw}>
      <Switch label="Along" choices={CHOICES} chosen={along} onChoose={setAlong} />
    </Plot>
  );
}
