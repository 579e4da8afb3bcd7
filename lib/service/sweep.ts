import type { GroupHead } from '../domain/group.ts';
import {
  END,
  errandPartition,
  experimentKey,
  goneKey,
  headKey,
  START,
  webhookKey,
  webhookOf,
} from '../store/keys.ts';
import type { Item, Key } from '../store/store.ts';
import { advanceGroup } from './advance.ts';
import { definitionOf } from './definitions.ts';
import { changeHead, dueOf } from './head.ts';
import type { Ports } from './ports.ts';
import { check, finishAdding } from './reconcile.ts';
import { catchUp } from './webhooks/catch-up.ts';
import { tellDeletion } from './webhooks/deletion.ts';
import { isGone, resend } from './webhooks/resend.ts';
import { tellGroup } from './webhooks/tell.ts';

/** Items asked for at once. */
const ITEMS_PER_STEP = 100;
/** Items worked on at once: one that takes long holds up only its lane. */
const LANES = 8;
/** Time after which a pass begins nothing more, ms: the function has 55 seconds, and the next pass comes after 60. */
const PASS_MS = 40_000;
/** Items of a partition, and experiments of a group, that are removed at once. */
const REMOVALS_PER_STEP = 100;
const EXPIRED_PER_PASS = 1_000;

/** Removes the items of one partition; false where time ran out before all of them were gone. */
async function removePartition(
  ports: Ports,
  pk: string,
  { keep, until }: { readonly keep: string | null; readonly until: number },
): Promise<boolean> {
  for (;;) {
    const items = await ports.store.list(
      { pk, sk: START },
      { from: START, to: END, limit: REMOVALS_PER_STEP },
    );
    const goners = items.filter(({ sk }) => sk !== keep);
    await Promise.all(goners.map(({ sk }) => ports.store.remove({ pk, sk })));
    // Durable step by step, so that other calls get their turn in between.
    await ports.store.durable();
    if (items.length < REMOVALS_PER_STEP) return true;
    if (ports.now() >= until) return false;
  }
}

/** Tells webhooks of what a group that was deleted has left to tell, and then removes it. */
async function endGroup(ports: Ports, item: Item<GroupHead>, until: number): Promise<void> {
  await tellDeletion(ports, item.pk, item.body);
  const left = await ports.store.get(headKey(item.pk));
  if (left !== null) await removeGroup(ports, left, until);
}

/**
 * Removes what a deleted group has left, as far as the time goes: first the experiments, from the last one down, which
 * the head notes, so that the next pass goes on there; then the rest, and the head last.
 */
async function removeGroup(ports: Ports, item: Item<GroupHead>, until: number): Promise<void> {
  const group = item.pk;
  let { rev, body } = item;
  while (body.nextNumber > 1) {
    const first = Math.max(1, body.nextNumber - REMOVALS_PER_STEP);
    const numbers = Array.from({ length: body.nextNumber - first }, (_, offset) => first + offset);
    const removed = await Promise.all(
      numbers.map((number) =>
        removePartition(ports, experimentKey(group, number).pk, { keep: null, until }),
      ),
    );
    if (removed.includes(false)) return;
    body = { ...body, nextNumber: first };
    const key = headKey(group);
    const noted = await ports.store.put({ key, body, expect: rev, due: dueOf(body) });
    // Another pass is at it.
    if (noted.kind !== 'stored') return;
    ({ rev } = noted);
    if (ports.now() >= until) return;
  }
  const errands = errandPartition(group);
  if (!(await removePartition(ports, errands, { keep: null, until }))) return;
  const { sk } = headKey(group);
  if (!(await removePartition(ports, group, { keep: sk, until }))) return;
  await ports.store.remove(headKey(group));
  ports.definitions.delete(group);
}

/** Removes the deliveries of a webhook that was deleted, its own item where a crash has left it, and the mark last. */
async function removeWebhook(ports: Ports, webhook: string, until: number): Promise<void> {
  await ports.store.remove(webhookKey(webhook));
  const { pk, sk } = goneKey(webhook);
  if (await removePartition(ports, pk, { keep: sk, until })) await ports.store.remove({ pk, sk });
}

/**
 * Does what is due at an item: a head, a webhook, a delivery or the mark of a deleted webhook. Returns how many rungs it
 * has closed.
 */
async function visit(ports: Ports, { pk, sk }: Key<unknown>, until: number): Promise<number> {
  const webhook = webhookOf(pk);
  if (pk === webhookKey('').pk) await catchUp(ports, sk, until);
  else if (webhook === null) return visitGroup(ports, pk, until);
  else if (isGone(webhook, sk)) await removeWebhook(ports, webhook, until);
  else await resend(ports, webhook, sk);
  return 0;
}

async function visitGroup(ports: Ports, group: string, until: number): Promise<number> {
  const item = await ports.store.get(headKey(group));
  if (item === null) return 0;
  if (item.body.deletedAt !== null) {
    await endGroup(ports, item, until);
    return 0;
  }
  if (item.body.untold !== undefined) await tellGroup(ports, group);
  const definition = await definitionOf(ports, group);
  if (definition === null) return 0;
  await changeHead(
    ports,
    group,
    async (old) => {
      const head = await finishAdding(ports, definition, old);
      return { head: await check(ports, definition, head, ports.now()), result: null };
    },
    { known: item },
  );
  return advanceGroup(ports, group);
}

const nameOf = ({ pk, sk }: Key<unknown>): string => `${pk}\n${sk}`;

/** Does the work in order, some of it at once, until time runs out. */
async function inLanes<W>(
  work: readonly W[],
  hasTime: () => boolean,
  run: (piece: W) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (;;) {
      const piece = work[next];
      if (piece === undefined || !hasTime()) return;
      next++;
      await run(piece);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, work.length) }, lane));
}

/**
 * The periodic pass that finishes what was left: lapsed leases, decisions that a crash interrupted, deleted groups,
 * deliveries whose time has come. Returns how many items it looked at (all that are due, each once, as far as the time
 * goes) and how many rungs it closed. One that cannot be swept does not keep the others from it: the failures are
 * returned.
 */
export async function sweep(ports: Ports): Promise<{
  readonly visited: number;
  readonly rungsClosed: number;
  readonly failures: readonly unknown[];
}> {
  const start = ports.now();
  const until = start + PASS_MS;
  const hasTime = (): boolean => ports.now() < until;
  const visited = new Set<string>();
  const failures: unknown[] = [];
  let rungsClosed = 0;
  for (;;) {
    // Those that were looked at may still be listed: they failed, or the index lags behind.
    const due = await ports.store.due(start, visited.size + ITEMS_PER_STEP);
    const keys = due.filter((key) => !visited.has(nameOf(key)));
    if (keys.length === 0 || !hasTime()) break;
    await inLanes(keys, hasTime, async (key) => {
      visited.add(nameOf(key));
      try {
        const closed = await visit(ports, key, until);
        rungsClosed += closed;
      } catch (error) {
        failures.push(error);
      }
    });
    await ports.store.durable();
  }
  await ports.store.expire(start, EXPIRED_PER_PASS);
  await ports.store.durable();
  return { visited: visited.size, rungsClosed, failures };
}
