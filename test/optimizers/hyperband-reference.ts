import type { End } from '../../lib/domain/experiment.ts';
import type { Optimization } from '../../lib/domain/hptuning.ts';
import type { MetricValue } from '../../lib/domain/measurement.ts';
import { toNumber } from '../../lib/domain/measurement.ts';
import type { Values } from '../../lib/domain/values.ts';
import type { Hyperband } from '../../lib/optimizers/hyperband.ts';
import { createHyperband } from '../../lib/optimizers/hyperband.ts';
import type { Position } from '../../lib/optimizers/hyperband-positions.ts';
import { shrunk } from '../../lib/optimizers/hyperband-schedule.ts';

/** An experiment that is about to run. */
export interface ReferenceStart extends Position {
  /** One value for each parameter of the matrix, without the resource. */
  readonly values: Values;
  readonly resource: number;
  /** Slot of the rung before from which it was promoted; null on rung 0. */
  readonly from: number | null;
}

/** How an experiment ends. */
export interface ReferenceEnd {
  readonly end: End;
  readonly objective: MetricValue | null;
}

type Entrant = Pick<ReferenceStart, 'values' | 'from'>;

export type ReferenceExperiment = ReferenceStart & ReferenceEnd;

/**
 * Runs Hyperband as the textbook has it, one experiment after another, and returns all of them in
 * the order of their indices: the outcome that any number of workers must arrive at.
 *
 * @param execute - how an experiment ends, a pure function of it
 */
export function runSequentially(
  search: Hyperband & { readonly optimization: Optimization },
  execute: (start: ReferenceStart) => ReferenceEnd,
): readonly ReferenceExperiment[] {
  const plan = createHyperband(search);
  const experiments: ReferenceExperiment[] = [];
  for (const planned of plan.brackets) {
    const { bracket } = planned;
    const found = drawAll(planned.rungs[0]?.experiments ?? 0, (slot) =>
      plan.values({ bracket, slot }),
    );
    const { rungs } = shrunk(planned, { points: found.length, eta: search.eta });
    let entering: readonly Entrant[] = found.map((values) => ({ values, from: null }));
    for (const [rung, { resource }] of rungs.entries()) {
      const ended = entering.map(({ values, from }, slot): ReferenceExperiment => {
        const start = { bracket, rung, slot, values, resource, from };
        return { ...start, ...execute(start) };
      });
      experiments.push(...ended);
      const places = rungs[rung + 1]?.experiments ?? 0;
      entering = pickBest(ended, search.optimization, places).map(({ values, slot }) => ({
        values,
        from: slot,
      }));
    }
  }
  return experiments;
}

/** The values of the slots from 0 on, up to the first that has none. */
function drawAll(slots: number, draw: (slot: number) => Values | null): readonly Values[] {
  const found: Values[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const values = draw(slot);
    if (values === null) break;
    found.push(values);
  }
  return found;
}

/** Picks the best of what is left, of equal ones the first, until the places are taken. */
function pickBest(
  ended: readonly ReferenceExperiment[],
  optimization: Optimization,
  places: number,
): readonly ReferenceExperiment[] {
  const sign = optimization === 'maximize' ? -1 : 1;
  const lossOf = ({ end, objective }: ReferenceExperiment): number => {
    const loss =
      end === 'succeeded' && objective !== null ? sign * toNumber(objective) : Number.NaN;
    return Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY;
  };
  const left = new Set(ended.filter((one) => lossOf(one) < Number.POSITIVE_INFINITY));
  const picked: ReferenceExperiment[] = [];
  while (picked.length < places && left.size > 0) {
    const best = [...left].reduce((a, b) => (lossOf(b) < lossOf(a) ? b : a));
    left.delete(best);
    picked.push(best);
  }
  return picked;
}
