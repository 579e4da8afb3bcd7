import type { Fault } from '../domain/faults.ts';
import type { GroupHead } from '../domain/group.ts';
import type { Result } from '../domain/result.ts';
import { ok } from '../domain/result.ts';
import type { Item } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { changeHead, checkDueOf } from './head.ts';
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
