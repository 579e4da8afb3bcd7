/*
 * Colours by name. Their values stand in web/styles/plots.css, for the light and the dark theme.
 */

const RAMP = [
  'ramp-0',
  'ramp-1',
  'ramp-2',
  'ramp-3',
  'ramp-4',
  'ramp-5',
  'ramp-6',
  'ramp-7',
  'ramp-8',
] as const;

/** Colours of how an experiment stands. */
const STATUSES = ['succeeded', 'stopped', 'failed', 'infeasible', 'running', 'queued'] as const;

/** Names of the colours, without `--plot-`. */
export const TOKENS = ['ground', 'ink', 'muted', 'grid', 'best', ...STATUSES, ...RAMP] as const;

export type Token = (typeof TOKENS)[number];

/** Gives the colour of a name. */
export type Palette = (token: Token) => string;

/** Leaves the colours to the style sheet around the picture, so that one picture serves both themes. */
export const STYLED: Palette = (token) => `var(--plot-${token})`;

/** Viridis in twelve steps: areas, which need not stand out from the ground. */
const AREA = [
  '#440154',
  '#482173',
  '#433e85',
  '#38588c',
  '#2d708e',
  '#25858e',
  '#1e9b8a',
  '#2ab07f',
  '#52c569',
  '#86d549',
  '#c2df23',
  '#fde725',
] as const;

const step = <T>(steps: readonly [T, ...T[]], share: number): T =>
  steps[Math.min(steps.length - 1, Math.max(0, Math.floor(share * steps.length)))] ?? steps[0];

/** Returns the colour of a rank as a share: 0 for the last, 1 for the first. */
export const rankColour = (palette: Palette, share: number): string => palette(step(RAMP, share));

/** Returns all colours of ranks, the last rank's first. */
export const rankColours = (palette: Palette): readonly string[] => RAMP.map(palette);

/** Returns the colour of an area whose value is a share of the range. */
export const areaColour = (share: number): string => step(AREA, share);

/** All colours of areas, from the smallest value on. */
export const areaColours: readonly string[] = AREA;

/** A cross of two bars, with arms as wide as other symbols look heavy. */
export const CROSS = 'path://M0,2 L2,0 L5,3 L8,0 L10,2 L7,5 L10,8 L8,10 L5,7 L2,10 L0,8 L3,5 Z';

/** How a status is drawn: told apart by shape as well as by colour. */
export interface Mark {
  readonly token: Token;
  readonly symbol: string;
}

const MARKS: Readonly<Record<string, Mark>> = {
  succeeded: { token: 'succeeded', symbol: 'circle' },
  stopped: { token: 'stopped', symbol: 'rect' },
  failed: { token: 'failed', symbol: CROSS },
  infeasible: { token: 'infeasible', symbol: 'diamond' },
  running: { token: 'running', symbol: 'triangle' },
};

/** Returns how a status is drawn. */
export const markOf = (status: string): Mark =>
  MARKS[status] ?? { token: 'queued', symbol: 'emptyCircle' };
