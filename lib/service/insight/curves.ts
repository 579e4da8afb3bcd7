import type { ExperimentState, ExperimentStatus } from '../../domain/experiment.ts';
import { statusAt } from '../../domain/experiment.ts';
import { LIMITS } from '../../domain/limits.ts';
import type { MetricValue } from '../../domain/measurement.ts';
import { thinned } from '../../domain/thinned.ts';
import { experimentKey } from '../../store/keys.ts';
import type { CurrentGroup } from '../current.ts';
import { readMeasurements } from '../measurements.ts';
import type { Ports } from '../ports.ts';

/** Experiments read at once. */
const READ_STEP = 100;
/** Experiments that are looked at for one page before it is answered as it is. */
const LOOKS = 2_000;
/** Numbers of an experiment that are read at once, and at most: of more only the newest. */
const NUMBERS_STEP = 5_000;
const NUMBERS_MAX = 100_000;
/** Numbers that are read for one page before it is answered as it is. */
const NUMBERS_PAGE = 200_000;

/** How a metric went on in one experiment. */
export interface Curve {
  readonly number: number;
  readonly status: ExperimentStatus;
  readonly steps: readonly number[];
  readonly values: readonly MetricValue[];
}

export interface CurveQuery {
  readonly metric: string;
  /** Only these experiments; null for all. */
  readonly numbers: readonly number[] | null;
  readonly after: number;
  readonly limit: number;
}

export interface CurvePage {
  readonly curves: readonly Curve[];
  /** Number of the last experiment that was looked at; null at the end. */
  readonly next: number | null;
}

/** The metric by step in the attempt that reported it last, thinned; null where it came without steps. */
async function curveOf(
  place: { readonly ports: Ports; readonly group: string },
  experiment: ExperimentState,
  metric: string,
): Promise<Curve | null> {
  const { number, metrics, measured } = experiment;
  const summary = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  if (summary === undefined || summary.step === null) return null;
  const points: (readonly [step: number, value: MetricValue])[] = [];
  const from = Math.max(0, measured - NUMBERS_MAX);
  for (let position = from; position < measured; position += NUMBERS_STEP) {
    const page = { position, limit: Math.min(NUMBERS_STEP, measured - position) };
    for (const one of await readMeasurements({ ...place, number }, experiment, page)) {
      const isOf = one.metric === metric && one.attempt === summary.attempt;
      if (isOf && one.step !== null) points.push([one.step, one.value]);
    }
  }
  points.sort(([a], [b]) => a - b);
  const steps = points.map(([step]) => step);
  const kept = thinned(steps, LIMITS.curvePoints);
  return {
    number,
    status: statusAt(experiment, place.ports.now()),
    steps: kept.flatMap((at) => points[at]?.[0] ?? []),
    values: kept.flatMap((at) => points[at]?.[1] ?? []),
  };
}

/** Learning curves of a group's experiments that have reported the metric with steps, by number. */
export async function readCurves(
  ports: Ports,
  { definition, head }: CurrentGroup,
  { metric, numbers, after, limit }: CurveQuery,
): Promise<CurvePage> {
  const group = definition.config.id;
  const end = head.nextNumber - 1;
  const wanted =
    numbers === null
      ? Array.from({ length: Math.min(LOOKS, end - after) }, (_, i) => after + 1 + i)
      : [...new Set(numbers)].filter((n) => n > after && n <= end).sort((a, b) => a - b);
  const curves: Curve[] = [];
  let read = 0;
  for (let start = 0; start < wanted.length; start += READ_STEP) {
    const step = wanted.slice(start, start + READ_STEP);
    const items = await ports.store.getMany(step.map((n) => experimentKey(group, n)));
    for (const item of items) {
      if (item === null) continue;
      const curve = await curveOf({ ports, group }, item.body, metric);
      if (curve === null) continue;
      curves.push(curve);
      read += Math.min(item.body.measured, NUMBERS_MAX);
      const isLast = curve.number === wanted.at(-1) && (numbers !== null || curve.number === end);
      const isFull = curves.length === limit || read >= NUMBERS_PAGE;
      if (isFull) return { curves, next: isLast ? null : curve.number };
    }
  }
  const looked = wanted.at(-1) ?? end;
  return { curves, next: numbers !== null || looked >= end ? null : looked };
}
