import { LIMITS } from '../../domain/limits.ts';
import type { Warning } from '../../domain/problem.ts';
import type { Importances } from '../../optimizers/importance.ts';
import { OBSERVATIONS_MIN } from '../../optimizers/importance.ts';
import type { CurrentGroup } from '../current.ts';
import type { Ports } from '../ports.ts';
import { finiteOnly, readObserved } from './observed.ts';
import { leftOutWarning, noMetric, tooFew } from './warnings.ts';

export interface ImportanceView {
  readonly observations: number;
  readonly importances: Omit<Importances, 'isFlat'>;
  readonly warnings: readonly Warning[];
}

const NOTHING = { parameters: [], pairs: null } as const;

const FLAT: Warning = {
  path: 'hptuning',
  code: 'no_variation',
  message: 'All objectives are alike: no parameter matters to them.',
};

/** How much each parameter of a group matters to its objective. */
export async function readImportance(ports: Ports, current: CurrentGroup): Promise<ImportanceView> {
  const { hptuning } = current.definition.document;
  if (hptuning.algorithm.metric === null) {
    return { observations: 0, importances: NOTHING, warnings: [noMetric] };
  }
  const observed = await readObserved(ports, current, LIMITS.importanceObservations);
  const observations = finiteOnly(observed.observations);
  const count = observations.length;
  if (count < OBSERVATIONS_MIN) {
    return {
      observations: count,
      importances: NOTHING,
      warnings: [tooFew(count, OBSERVATIONS_MIN)],
    };
  }
  const { isFlat, ...importances } = await ports.compute('importance', { hptuning, observations });
  return {
    observations: count,
    importances,
    warnings: [...leftOutWarning(observed.leftOut), ...(isFlat ? [FLAT] : [])],
  };
}
