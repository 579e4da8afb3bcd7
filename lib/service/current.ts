import type { Fault } from '../domain/faults.ts';
import type { GroupHead } from '../domain/group.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Item } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { changeHead, checkDueOf, groupNotFound, readHead } from './head.ts';
import type { Ports } from './ports.ts';
import { check } from './reconcile.ts';

/**
 * Returns the head as it is now: what time alone has changed (a lapsed lease) is found out first.
 *
 * *Faults* `group_not_found`
 */
export async function currentHead(
  ports: Ports,
  definition: Definition,
  item: Item<GroupHead>,
): Promise<Result<GroupHead, Fault>> {
  const due = checkDueOf(item.body);
  if (due === null || due > ports.now()) return ok(item.body);
  return checkedHead(ports, definition, item);
}

/**
 * Returns the head after every place was held against its experiment, whether that is due or not.
 *
 * *Faults* `group_not_found`
 */
export const checkedHead = (
  ports: Ports,
  definition: Definition,
  known?: Item<GroupHead>,
): Promise<Result<GroupHead, Fault>> =>
  changeHead(
    ports,
    definition.config.id,
    async (head) => {
      const checked = await check(ports, definition, head, ports.now());
      return { head: checked, result: checked };
    },
    { known },
  );

/** A group as it is now. */
export interface CurrentGroup {
  readonly definition: Definition;
  readonly head: GroupHead;
  /** Revision of the head: another one wherever something about the group was decided. */
  readonly revision: number;
}

/**
 * Reads a group as it is now.
 *
 * *Faults* `group_not_found`
 */
export async function currentGroup(
  ports: Ports,
  group: string,
): Promise<Result<CurrentGroup, Fault>> {
  const definition = await definitionOf(ports, group);
  if (definition === null) return err(groupNotFound(group));
  const found = await readHead(ports, group);
  if (!found.ok) return found;
  const current = await currentHead(ports, definition, found.value);
  if (!current.ok) return current;
  const isAsRead = current.value === found.value.body;
  // Time alone had changed it, and somebody may have changed it again since.
  const item = isAsRead ? found : await readHead(ports, group);
  return item.ok ? ok({ definition, head: item.value.body, revision: item.value.rev }) : item;
}
