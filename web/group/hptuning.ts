import type { Group } from '../../cli/answers.ts';

type JsonMap = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The matrix of a group's normal form. */
export const matrixOf = ({ hptuning }: Group): JsonMap =>
  isMap(hptuning['matrix']) ? hptuning['matrix'] : {};

/** The name of what experiments spend on the rungs; null where the search has none. */
export function resourceOf({ hptuning }: Group): string | null {
  for (const algorithm of Object.values(hptuning)) {
    const resource = isMap(algorithm) ? algorithm['resource'] : null;
    if (isMap(resource) && typeof resource['name'] === 'string') return resource['name'];
  }
  return null;
}
