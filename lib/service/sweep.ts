import type { GroupHead } from '../domain/group.ts';
import { configKey, END, errandKey, experimentKey, headKey } from '../store/keys.ts';
import type { Item } from '../store/store.ts';
import { advanceGroup } from './advance.ts';
import { definitionOf } from './definitions.ts';
import { changeHead } from './head.ts';
import type { Ports } from './ports.ts';
import { check, finishAdding } from './reconcile.ts';

/** Items looked at in one pass; what is left waits for the next one. */
const ITEMS_PER_PASS = 100;
/** Items removed per step of a deletion. */
const REMOVALS_PER_STEP = 200;
const EXPIRED_PER_PASS = 1_000;

/** Removes every item of one partition. */
async function removePartition(ports: Ports, pk: string, keep: string | null): Promise<void> {
  for (;;) {
    const items = await ports.store.list(
      { pk, sk: '' },
      {
        from: '',
        to: END,
        limit: REMOVALS_PER_STEP,
      },
    );
    const goners = items.filter(({ sk }) => sk !== keep);
    for (const { sk } of goners) await ports.store.remove({ pk, sk });
    if (goners.length === 0) return;
    // Durable step by step, so that other calls get their turn in between.
    await ports.store.durable();
  }
}

/** Removes what a deleted group has left; its head goes last, so that an interrupted removal goes on later. */
async function removeGroup(ports: Ports, item: Item<GroupHead>): Promise<void> {
  const group = item.pk;
  for (let number = 1; number < item.body.nextNumber; number++) {
    await removePartition(ports, experimentKey(group, number).pk, null);
  }
  await removePartition(ports, errandKey(group, '').pk, null);
  await removePartition(ports, group, headKey(group).sk);
  await ports.store.remove(configKey(group));
  await ports.store.remove(headKey(group));
  ports.definitions.delete(group);
}

async function visit(ports: Ports, group: string): Promise<void> {
  const item = await ports.store.get(headKey(group));
  if (item === null) return;
  if (item.body.deletedAt !== null) return removeGroup(ports, item);
  const definition = await definitionOf(ports, group);
  if (definition === null) return;
  await changeHead(
    ports,
    group,
    async (old) => {
      const head = await finishAdding(ports, definition, old);
      return { head: await check(ports, definition, head, ports.now()), result: null };
    },
    { known: item },
  );
  await advanceGroup(ports, group);
}

/**
 * The periodic pass that finishes what was left: lapsed leases, decisions that a crash interrupted, deleted groups.
 * Returns how many groups it looked at. A group that cannot be swept does not keep the others from it: the failures
 * are returned.
 */
export async function sweep(
  ports: Ports,
): Promise<{ readonly visited: number; readonly failures: readonly unknown[] }> {
  const now = ports.now();
  const keys = await ports.store.due(now, ITEMS_PER_PASS);
  const failures: unknown[] = [];
  for (const { pk } of keys) {
    try {
      await visit(ports, pk);
    } catch (error) {
      failures.push(error);
    }
  }
  await ports.store.expire(now, EXPIRED_PER_PASS);
  await ports.store.durable();
  return { visited: keys.length, failures };
}
