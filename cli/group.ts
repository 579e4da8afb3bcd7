import type { Group } from './answers.ts';
import { assignments, printable, short } from './show/format.ts';

/*
 * What the command line needs to know of a group's document. `hptuning` comes in its normal form, every default filled in.
 */

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

/** How many experiments of the group may run at once. */
export const concurrencyOf = ({ hptuning }: Group): number => numberOr(hptuning['concurrency'], 1);

/** How long a worker of the group may be silent, seconds. */
export const leaseSecondsOf = ({ hptuning }: Group): number =>
  numberOr(hptuning['lease_seconds'], 3_600);

/** The metric by which the group's experiments are compared, or null where it names none. */
export function metricOf({ hptuning }: Group): string | null {
  for (const algorithm of Object.values(hptuning)) {
    const metric = isMap(algorithm) ? algorithm['metric'] : undefined;
    if (isMap(metric) && typeof metric['name'] === 'string') return metric['name'];
  }
  return null;
}

/** The matrix in its normal form. */
export const matrixOptionsOf = ({ hptuning }: Group): Readonly<Record<string, unknown>> =>
  isMap(hptuning['matrix']) ? hptuning['matrix'] : {};

/** One parameter of a group's matrix, as a table shows it. */
export interface MatrixRow {
  readonly name: string;
  readonly kind: string;
  readonly option: string;
}

/** The parameters of the group with their options in words. */
export const matrixOf = (group: Group): readonly MatrixRow[] =>
  Object.entries(matrixOptionsOf(group)).flatMap(([name, options]) =>
    Object.entries(isMap(options) ? options : {}).map(([kind, option]) => ({
      name: printable(name),
      kind,
      option: isMap(option) ? assignments(option) : short(option),
    })),
  );

/** The parameter that an algorithm with rungs sets by itself; null for other algorithms. */
export function resourceOf({ hptuning }: Group): string | null {
  for (const algorithm of Object.values(hptuning)) {
    const resource = isMap(algorithm) ? algorithm['resource'] : undefined;
    if (isMap(resource) && typeof resource['name'] === 'string') return resource['name'];
  }
  return null;
}

/** True where the group's experiments have a command, so that an agent can run them. */
export const hasCommand = ({ spec }: Group): boolean =>
  isMap(spec['run']) && typeof spec['run']['cmd'] === 'string';

/** The commands that prepare a machine for the group's experiments. */
export function buildStepsOf(spec: unknown): readonly string[] {
  if (!isMap(spec)) return [];
  const steps = isMap(spec['build']) ? spec['build']['build_steps'] : undefined;
  return Array.isArray(steps) ? steps.filter((step) => typeof step === 'string') : [];
}

/** How many experiments of the group have ended. */
export const endedCount = ({ progress }: Group): number =>
  progress.succeeded + progress.failed + progress.infeasible + progress.stopped;

/** True where the group's search came to something. */
export function isFruitful(group: Group): boolean {
  if (group.status_reason?.code === 'too_many_failures') return false;
  return group.progress.succeeded > 0 || group.best !== null;
}
