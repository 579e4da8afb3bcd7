import { useCallback } from 'preact/hooks';
import type { Importance as ImportanceData } from './data.ts';
import { drawImportance } from './options/importance.ts';
import type { Palette } from './options/palette.ts';
import { Plot } from './plot.tsx';

/** How much each parameter matters. */
export function Importance({ importance }: { readonly importance: ImportanceData }) {
  const draw = useCallback((palette: Palette) => drawImportance(importance, palette), [importance]);
  return <Plot label="Importance of the parameters" draw={draw} />;
}
