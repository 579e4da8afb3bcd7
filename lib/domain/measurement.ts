/** A reported number as it is stored and sent: JSON has no words of its own for the three non-finite ones. */
export type MetricValue = number | 'NaN' | 'Infinity' | '-Infinity';

/** The numbers of one step of one report, in the order in which they arrived. */
export interface MeasurementEntry {
  /** Attempt that reported them. */
  readonly a: number;
  /** When they arrived, ms since the epoch. */
  readonly t: number;
  /** Step, or null where the report named none. */
  readonly s: number | null;
  readonly m: Readonly<Record<string, MetricValue>>;
}

/** What is kept of one metric of an experiment; of the attempt that reported it last. */
export interface MetricSummary {
  readonly attempt: number;
  /** The value at the greatest step; ties and step-less ones by arrival. */
  readonly last: MetricValue;
  /** Over the finite values; null while there is none. */
  readonly min: number | null;
  readonly max: number | null;
  /** The greatest step, or null while none was named. */
  readonly step: number | null;
  readonly count: number;
}

/** The double that a stored value stands for. */
export const toNumber = (value: MetricValue): number => Number(value);

const pick = (
  choose: (a: number, b: number) => number,
  old: number | null,
  value: MetricValue,
): number | null => {
  const number = toNumber(value);
  if (!Number.isFinite(number)) return old;
  return old === null ? number : choose(old, number);
};

/** True where a number with this step cannot have been reported before by the same attempt. */
export const isFreshStep = (
  summary: MetricSummary | undefined,
  attempt: number,
  step: number | null,
): boolean =>
  step === null ||
  summary === undefined ||
  summary.attempt !== attempt ||
  summary.step === null ||
  step > summary.step;

/** The summary after one more number. A number of a later attempt starts a summary of its own. */
export function addToSummary(
  summary: MetricSummary | undefined,
  entry: { readonly attempt: number; readonly step: number | null; readonly value: MetricValue },
): MetricSummary {
  const old = summary?.attempt === entry.attempt ? summary : undefined;
  const isLast =
    old === undefined || entry.step === null || old.step === null || entry.step >= old.step;
  return {
    attempt: entry.attempt,
    last: isLast ? entry.value : old.last,
    min: pick(Math.min, old?.min ?? null, entry.value),
    max: pick(Math.max, old?.max ?? null, entry.value),
    step: isLast ? (entry.step ?? old?.step ?? null) : old.step,
    count: (old?.count ?? 0) + 1,
  };
}

/** The summary of one metric over entries in order of arrival, those of other attempts left out. */
export function summarise(
  entries: readonly MeasurementEntry[],
  attempt: number,
  metric: string,
): MetricSummary | undefined {
  let summary: MetricSummary | undefined;
  for (const entry of entries) {
    const value = entry.a === attempt ? entry.m[metric] : undefined;
    if (value !== undefined) summary = addToSummary(summary, { attempt, step: entry.s, value });
  }
  return summary;
}

/** How many numbers an entry carries. */
export const numbersIn = (entry: MeasurementEntry): number => Object.keys(entry.m).length;
