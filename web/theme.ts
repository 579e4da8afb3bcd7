import { signal } from '@preact/signals';

/** What the reader chose: `system` follows the machine. */
export type Theme = 'system' | 'light' | 'dark';

const STORED = 'rungwise.theme';

/** Storage may be forbidden: then the choice lasts until the page is left. */
function stored(): Theme {
  try {
    const text = localStorage.getItem(STORED);
    return text === 'light' || text === 'dark' ? text : 'system';
  } catch {
    return 'system';
  }
}

const system = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(system.matches);
system.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches;
});

const chosen = signal<Theme>(stored());

/** Tells whether the page is dark now; whoever reads it is drawn anew when that changes. */
export const isDark = (): boolean =>
  chosen.value === 'system' ? systemIsDark.value : chosen.value === 'dark';

/** Lets the style sheets know the theme. */
export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (chosen.value === 'system') delete dataset['theme'];
  else dataset['theme'] = chosen.value;
}

/** Chooses a theme, for this browser. */
export function chooseTheme(theme: Theme): void {
  chosen.value = theme;
  applyTheme();
  try {
    if (theme === 'system') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, theme);
  } catch {
    // See `stored`.
  }
}
