import type { ExperimentState } from '../domain/experiment.ts';
import type { GroupHead, LoggedEvent, OpenRung, Queued } from '../domain/group.ts';
import { logged, resized } from '../domain/moves.ts';
import type { Bracket } from '../optimizers/hyperband-schedule.ts';
import { shrunk } from '../optimizers/hyperband-schedule.ts';
import type { Promotion } from '../optimizers/optimizer.ts';
import type { RungResult } from '../optimizers/promotion.ts';
import { promote } from '../optimizers/promotion.ts';
import type { Promoted } from '../store/keys.ts';
import { experimentKey, promotedKey } from '../store/keys.ts';
import type { Definition } from './definition.ts';
import type { Ports } from './ports.ts';
import { readResults } from './results.ts';

/*
 * Hyperband on top of a group's head. A rung is complete when all its experiments have been handed out and none of them
 * has a place any more: the head alone tells. What goes on is a function of how they ended. It is written in chunks that
 * anybody else would write alike, then one replacement of the head closes the rung and numbers the next one's experiments.
 */

/** Promoted experiments per chunk. */
const CHUNK = 512;
/** Experiments of a new rung that are written at once. */
const WRITE_STEP = 100;

interface RungOf {
  readonly bracket: number;
  readonly rung: number;
}

const isOf =
  (promotion: Promotion, { bracket, rung }: RungOf) =>
  (waiting: { readonly i?: number }): boolean => {
    if (waiting.i === undefined) return false;
    const at = promotion.plan.locate(waiting.i);
    return at.bracket === bracket && at.rung === rung;
  };

/** True once every experiment of the rung has been handed out and has ended. */
function isComplete(head: GroupHead, promotion: Promotion, open: OpenRung): boolean {
  const own = isOf(promotion, open);
  if (open.unwritten !== undefined || head.places.some(own) || head.queued.some(own)) return false;
  if (open.rung > 0 || head.nextFresh >= head.fresh) return true;
  const next = promotion.plan.freshAt(head.nextFresh);
  return next.bracket !== open.bracket;
}

/** The bracket as it runs: with fewer experiments where the space turned out to hold fewer points. */
function scheduleOf(promotion: Promotion, open: OpenRung): Bracket {
  const bracket = promotion.plan.brackets.find((one) => one.bracket === open.bracket);
  if (bracket === undefined) throw new Error(`the plan has no bracket ${open.bracket}`);
  return shrunk(bracket, { points: open.start, eta: promotion.eta });
}

/** Experiments that rungs from `rung` on can still have when at most `most` go on. */
const expected = ({ rungs }: Bracket, rung: number, most: number): number =>
  rungs.slice(rung).reduce((sum, { experiments }) => sum + Math.min(experiments, most), 0);

/** True where a rung waits for a decision, or its experiments for their items. */
export const isRungDue = (head: GroupHead, promotion: Promotion): boolean =>
  head.rungs.some((open) => open.unwritten !== undefined || isComplete(head, promotion, open));

/** True once a rung is complete, whether it has been closed or not. */
export function hasCompleteRung(head: GroupHead, promotion: Promotion): boolean {
  const { brackets, freshOf } = promotion.plan;
  const begun = brackets.filter(({ bracket }) => freshOf({ bracket, slot: 0 }) < head.nextFresh);
  const first = head.rungs.filter(({ rung }) => rung === 0);
  return first.length < begun.length || first.some((open) => isComplete(head, promotion, open));
}

/** The head without complete rungs that nothing follows. */
export function withoutLastRungs(
  head: GroupHead,
  { optimizer }: Definition,
  now: number,
): GroupHead {
  const { promotion } = optimizer;
  if (promotion === null) return head;
  const isLast = (open: OpenRung): boolean =>
    open.rung === scheduleOf(promotion, open).rungs.length - 1;
  const done = head.rungs.filter((open) => isLast(open) && isComplete(head, promotion, open));
  if (done.length === 0) return head;
  const rungs = head.rungs.filter((open) => !done.includes(open));
  return logged(
    { ...head, rungs },
    ...done.map(
      ({ bracket, rung }): LoggedEvent => ({
        type: 'group.rung_completed',
        at: now,
        data: { bracket, rung, promoted: 0 },
      }),
    ),
  );
}

/** True where an open rung is followed by another one. */
export const hasRungsToCome = (head: GroupHead, { optimizer }: Definition): boolean => {
  const { promotion } = optimizer;
  return (
    promotion !== null &&
    head.rungs.some((open) => open.rung < scheduleOf(promotion, open).rungs.length - 1)
  );
};

/** Begins a bracket with its first experiment. */
export function withBegunBracket(head: GroupHead, promotion: Promotion): GroupHead {
  const { bracket, slot } = promotion.plan.freshAt(head.nextFresh);
  if (slot > 0) return head;
  const size =
    promotion.plan.brackets.find((one) => one.bracket === bracket)?.rungs[0]?.experiments ?? 0;
  const open: OpenRung = { bracket, rung: 0, size, start: size, from: head.resultsFlushed };
  return { ...head, rungs: [...head.rungs, open] };
}

/** Leaves the rest of a bracket whose space has no further point, and goes on with the next bracket. */
export function withExhaustedBracket(
  head: GroupHead,
  promotion: Promotion,
  now: number,
): GroupHead {
  const { plan } = promotion;
  const { bracket, slot } = plan.freshAt(head.nextFresh);
  const open = head.rungs.find((one) => one.bracket === bracket);
  const full = plan.brackets.find((one) => one.bracket === bracket);
  if (open === undefined || full === undefined) {
    return resized(head, { ...head, fresh: head.nextFresh }, now);
  }
  const fewer: OpenRung = { ...open, size: slot, start: slot };
  const before = expected(full, 0, Number.POSITIVE_INFINITY);
  const after = expected(scheduleOf(promotion, fewer), 0, Number.POSITIVE_INFINITY);
  const skipped: GroupHead = {
    ...head,
    nextFresh: head.nextFresh + (full.rungs[0]?.experiments ?? 0) - slot,
    rungs: head.rungs.map((one) => (one === open ? fewer : one)),
  };
  return resized(skipped, { ...head, planned: head.planned - before + after }, now);
}

/** From where the experiment at a position of the plan goes on; null for one with new values. */
export async function promotedFrom(
  ports: Ports,
  definition: Definition,
  at: RungOf & { readonly slot: number },
): Promise<Promoted | null> {
  if (at.rung === 0) return null;
  const chunk = Math.floor(at.slot / CHUNK);
  const item = await ports.store.get(promotedKey(definition.config.id, at, chunk));
  const promoted = item?.body[at.slot % CHUNK];
  if (promoted === undefined) {
    throw new Error(`slot ${at.slot} of rung ${at.rung} of bracket ${at.bracket} was not promoted`);
  }
  return promoted;
}

interface Ended extends RungResult {
  readonly number: number;
}

/** How the experiments of a complete rung ended. */
async function resultsOf(
  ports: Ports,
  definition: Definition,
  found: { readonly head: GroupHead; readonly promotion: Promotion; readonly open: OpenRung },
): Promise<readonly Ended[]> {
  const { head, promotion, open } = found;
  const rows = await readResults(ports, definition.config.id, head, open.from);
  const own = isOf(promotion, open);
  return rows.flatMap(([number, end, objective, index]) =>
    index !== null && own({ i: index })
      ? [{ number, end, objective, slot: promotion.plan.locate(index).slot }]
      : [],
  );
}

/** Closes one complete rung: the next one's experiments get their numbers and wait. */
async function closed(
  ports: Ports,
  definition: Definition,
  found: {
    readonly head: GroupHead;
    readonly promotion: Promotion;
    readonly open: OpenRung;
    readonly now: number;
  },
): Promise<GroupHead> {
  const { head, promotion, open, now } = found;
  const { plan, metric } = promotion;
  const schedule = scheduleOf(promotion, open);
  const next = { bracket: open.bracket, rung: open.rung + 1 };
  const results = await resultsOf(ports, definition, found);
  const slots = promote(results, metric.optimization, schedule.rungs[next.rung]?.experiments ?? 0);
  const bySlot = new Map(results.map((ended) => [ended.slot, ended]));
  const promoted: Promoted[] = [];
  for (const slot of slots) {
    const parent = bySlot.get(slot);
    const from = await promotedFrom(ports, definition, { ...open, slot });
    if (parent !== undefined) promoted.push([parent.number, from === null ? slot : from[1]]);
  }
  for (let start = 0; start < promoted.length; start += CHUNK) {
    await ports.store.put({
      key: promotedKey(definition.config.id, next, start / CHUNK),
      body: promoted.slice(start, start + CHUNK),
      expect: 0,
    });
  }
  const count = promoted.length;
  const lost =
    expected(schedule, next.rung, open.size) -
    (count === 0 ? 0 : count + expected(schedule, next.rung + 1, count));
  const completed: LoggedEvent = {
    type: 'group.rung_completed',
    at: now,
    data: { bracket: open.bracket, rung: open.rung, promoted: count },
  };
  const rest = head.rungs.filter((one) => one !== open);
  const fewer = { planned: head.planned - lost, fresh: head.fresh };
  const after = resized(logged({ ...head, rungs: rest }, completed), fewer, now);
  if (count === 0) return after;
  const number = head.nextNumber;
  const opened: OpenRung = {
    ...next,
    size: count,
    start: open.start,
    from: head.resultsFlushed,
    unwritten: number,
  };
  const waiting: Queued = {
    n: number,
    i: plan.indexOf({ ...next, slot: 0 }),
    a: 0,
    ...(count === 1 ? {} : { count }),
  };
  return logged(
    {
      ...after,
      nextNumber: number + count,
      rungs: [...rest, opened].sort((a, b) => b.bracket - a.bracket),
      // The caller's own first, then bracket by bracket.
      queued: [...head.queued, waiting].sort((a, b) => (a.i ?? -1) - (b.i ?? -1)),
    },
    {
      type: 'experiment.queued',
      at: now,
      n: number,
      attempt: 0,
      ...(count === 1 ? {} : { count }),
    },
  );
}

/** Closes every complete rung of a group. */
export async function closeRungs(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
  now: number,
): Promise<GroupHead> {
  const { promotion } = definition.optimizer;
  if (promotion === null || head.status !== 'running') return head;
  let next = head;
  for (const open of head.rungs) {
    if (!isComplete(next, promotion, open)) continue;
    next = await closed(ports, definition, { head: next, promotion, open, now });
  }
  return next;
}

/** Writes the experiments of rungs that have begun and may not be written yet; returns the rungs that it saw. */
export async function writeRungs(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
  create: (number: number, index: number) => Promise<ExperimentState | null>,
): Promise<readonly OpenRung[]> {
  const { promotion } = definition.optimizer;
  const fresh = head.rungs.filter(({ unwritten }) => unwritten !== undefined);
  if (promotion === null) return [];
  for (const { bracket, rung, size, unwritten = 0 } of fresh) {
    const first = promotion.plan.indexOf({ bracket, rung, slot: 0 });
    for (let start = 0; start < size; start += WRITE_STEP) {
      const step = Array.from({ length: Math.min(WRITE_STEP, size - start) }, (_, i) => start + i);
      await Promise.all(
        step.map(async (slot) => {
          const body = await create(unwritten + slot, first + slot);
          if (body === null) return;
          const key = experimentKey(definition.config.id, body.number);
          await ports.store.put({ key, body, expect: 0 });
        }),
      );
    }
  }
  return fresh;
}

/** The head once the experiments of these rungs are written. */
export const withWritten = (head: GroupHead, written: readonly OpenRung[]): GroupHead =>
  written.length === 0
    ? head
    : {
        ...head,
        rungs: head.rungs.map((open) => {
          const isWritten = written.some(
            ({ bracket, rung }) => bracket === open.bracket && rung === open.rung,
          );
          const { unwritten: _unwritten, ...rest } = open;
          return isWritten ? rest : open;
        }),
      };
