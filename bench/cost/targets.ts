import type { Cell } from './table.ts';

/** What a figure should reach: three steps, each further than the one before. */
export interface Target {
  readonly measure: string;
  readonly isBest: 'low' | 'high';
  readonly first: number;
  readonly strong: number;
  readonly moonshot: number;
}

/** The targets that this bench can tell about. */
export const TARGETS = {
  suggestMs: {
    measure: 'suggest, processor time without the wait for the table, p99, ms',
    isBest: 'low',
    first: 5,
    strong: 2,
    moonshot: 1,
  },
  writeUnits: {
    measure: 'write units a pair',
    isBest: 'low',
    first: 6,
    strong: 3,
    moonshot: 1.1,
  },
  dollars: {
    measure: 'a million pairs, all in, $',
    isBest: 'low',
    first: 8,
    strong: 5,
    moonshot: 2.5,
  },
  idle: { measure: 'an idle stack a month, $', isBest: 'low', first: 2, strong: 1, moonshot: 0.3 },
  pairsPerSecond: {
    measure: 'pairs a second of one group by arithmetic',
    isBest: 'high',
    first: 60,
    strong: 500,
    moonshot: 8_000,
  },
  workers: {
    measure: 'callers of one group without an error, exact budget',
    isBest: 'high',
    first: 200,
    strong: 1_000,
    moonshot: 10_000,
  },
} as const satisfies Readonly<Record<string, Target>>;

/** How far a figure gets: the furthest step that it reaches, or `missed`. */
export function reached(
  { isBest, first, strong, moonshot }: Target,
  value: number,
): 'moonshot' | 'strong' | 'first' | 'missed' {
  const reaches = (step: number): boolean => (isBest === 'low' ? value <= step : value >= step);
  if (reaches(moonshot)) return 'moonshot';
  if (reaches(strong)) return 'strong';
  return reaches(first) ? 'first' : 'missed';
}

/** The row of a figure beside its target. */
export const targetRow = (target: Target, of: string, value: number): readonly Cell[] => [
  target.measure,
  of,
  value,
  target.first,
  target.strong,
  target.moonshot,
  reached(target, value),
];
