import { refuse } from '../../contract/mistakes.ts';
import { nearest } from '../../contract/nearest.ts';
import type { Fault } from '../../domain/faults.ts';
import type { Matrix, Metric } from '../../domain/hptuning.ts';
import { LIMITS } from '../../domain/limits.ts';
import type { Mistake, Warning } from '../../domain/problem.ts';
import type { Result } from '../../domain/result.ts';
import { err, ok } from '../../domain/result.ts';
import type { Values } from '../../domain/values.ts';
import { clip } from '../../matrix/words.ts';
import type { Contour, ContourAxis } from '../../optimizers/bayes/contour.ts';
import { contourAxis } from '../../optimizers/bayes/contour.ts';
import type { Observation } from '../../optimizers/bayes/view.ts';
import { BETTER_FIRST } from '../../optimizers/promotion.ts';
import type { CurrentGroup } from '../current.ts';
import { readValues } from '../history.ts';
import type { Ports } from '../ports.ts';
import { finiteOnly, readObserved } from './observed.ts';
import { leftOutWarning, noMetric, tooFew } from './warnings.ts';

/** Fewer observations than this tell a surrogate nothing of two parameters. */
const OBSERVATIONS_MIN = 5;

export interface ContourView {
  readonly x: ContourAxis;
  readonly y: ContourAxis;
  /** Null where there are too few observations. */
  readonly contour: Contour | null;
  /** The values of the other parameters. */
  readonly at: Values;
  readonly observations: number;
  readonly warnings: readonly Warning[];
}

/** Which two parameters. */
export interface Sides {
  readonly x: string;
  readonly y: string;
}

function mistakesOf(matrix: Matrix, sides: Sides): readonly Mistake[] {
  const names = matrix.map(({ name }) => name);
  const unknown = (['x', 'y'] as const).flatMap((path): readonly Mistake[] => {
    const name = sides[path];
    if (names.includes(name)) return [];
    const meant = nearest(name, names);
    const question = meant === undefined ? '' : ` Did you mean "${clip(meant)}"?`;
    const message = `The matrix has no parameter "${clip(name)}".${question}`;
    return [{ path, message, ...(meant === undefined ? {} : { suggestion: meant }) }];
  });
  if (unknown.length > 0 || sides.x !== sides.y) return unknown;
  return [{ path: 'y', message: 'It is the parameter that x is: name another one.' }];
}

/** The values of the incumbent; those of the best observation where nothing has succeeded. */
async function incumbentOf(
  ports: Ports,
  { definition, head }: CurrentGroup,
  {
    observations,
    metric,
  }: { readonly observations: readonly Observation[]; readonly metric: Metric },
): Promise<Values> {
  const { best } = head;
  if (best !== null) {
    const values = await readValues(ports, definition.config.id, [best.number]);
    const own = values.get(best.number);
    if (own !== undefined) return own;
  }
  const order = BETTER_FIRST[metric.optimization];
  return observations.toSorted((a, b) => order(a.objective, b.objective))[0]?.values ?? {};
}

/**
 * What a surrogate expects of a group's objective over two of its parameters.
 *
 * *Faults* `invalid_request`
 */
export async function readContour(
  ports: Ports,
  current: CurrentGroup,
  sides: Sides,
): Promise<Result<ContourView, Fault>> {
  const { hptuning } = current.definition.document;
  const { matrix, algorithm } = hptuning;
  const mistakes = mistakesOf(matrix, sides);
  if (mistakes.length > 0) return err(refuse('request', mistakes));
  const [x, y] = [contourAxis(hptuning, sides.x), contourAxis(hptuning, sides.y)];
  const nothing = { x, y, contour: null, at: {} };
  const { metric } = algorithm;
  if (metric === null) return ok({ ...nothing, observations: 0, warnings: [noMetric] });

  const observed = await readObserved(ports, current, LIMITS.contourObservations);
  const finite = finiteOnly(observed.observations);
  const count = finite.length;
  if (count < OBSERVATIONS_MIN) {
    const warnings = [tooFew(count, OBSERVATIONS_MIN)];
    return ok({ ...nothing, observations: count, warnings });
  }
  const incumbent = await incumbentOf(ports, current, { observations: finite, metric });
  const others = matrix.filter(({ name }) => name !== x.name && name !== y.name);
  const at = Object.fromEntries(others.map(({ name }) => [name, incumbent[name] ?? 0]));
  const { observations } = observed;
  const contour = await ports.compute('contour', { hptuning, of: { x, y, at, observations } });
  return ok({
    ...{ x, y, contour, at },
    observations: count,
    warnings: leftOutWarning(observed.leftOut),
  });
}
