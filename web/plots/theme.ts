import { isDark } from '../theme.ts';
import type { Palette } from './options/palette.ts';
import { TOKENS } from './options/palette.ts';

/** Reads the colours of the style sheet as they are now, through an element that nobody sees. */
function readPalette(): Palette {
  const probe = document.createElement('span');
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const colours = new Map<string, string>(
    TOKENS.map((token) => {
      probe.style.color = `var(--plot-${token})`;
      return [token, style.color];
    }),
  );
  probe.remove();
  return (token) => colours.get(token) ?? 'black';
}

const palettes = new Map<boolean, Palette>();

/** Returns the colours of the theme; whoever reads them while it draws is drawn anew when the theme changes. */
export function currentPalette(): Palette {
  const dark = isDark();
  const known = palettes.get(dark);
  if (known !== undefined) return known;
  const palette = readPalette();
  palettes.set(dark, palette);
  return palette;
}
