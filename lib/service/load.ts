import type { ExperimentState } from '../domain/experiment.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { GroupHead } from '../domain/group.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { experimentKey } from '../store/keys.ts';
import type { Item } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { groupNotFound, readHead } from './head.ts';
import type { Ports } from './ports.ts';

/** Fault for an experiment that does not exist in a group that does. */
export const experimentNotFound = (group: string, number: number): Fault =>
  fault('experiment_not_found', `The group ${group} has no experiment ${number}.`);

/** An experiment with its group, as they are stored. */
export interface Loaded {
  readonly definition: Definition;
  readonly head: Item<GroupHead>;
  readonly experiment: Item<ExperimentState>;
}

/**
 * Reads an experiment and its group.
 *
 * *Faults* `group_not_found`, `experiment_not_found`
 */
export async function loadExperiment(
  ports: Ports,
  of: { readonly group: string; readonly number: number },
): Promise<Result<Loaded, Fault>> {
  const { group, number } = of;
  const definition = await definitionOf(ports, group);
  if (definition === null) return err(groupNotFound(group));
  const [head, experiment] = await Promise.all([
    readHead(ports, group),
    ports.store.get(experimentKey(group, number)),
  ]);
  if (!head.ok) return head;
  if (experiment === null) return err(experimentNotFound(group, number));
  return ok({ definition, head: head.value, experiment });
}
