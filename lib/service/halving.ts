import type { GroupHead, Halving as HalvingHead, LoggedEvent, ResultRow } from '../domain/group.ts';
import { logged, resized } from '../domain/moves.ts';
import type { Halving } from '../optimizers/halving.ts';
import { createHalving } from '../optimizers/halving.ts';
import type { AsyncPromotion } from '../optimizers/optimizer.ts';
import type { Definition } from './definition.ts';
import type { Ports } from './ports.ts';
import { readResults, resultCount } from './results.ts';

/*
 * Successive halving that waits for nobody, on top of a group's head. Who goes on is a function of the results in their
 * order, so whoever looks at the same results decides the same, one result after another or all at once. What was decided
 * lies in the head as `ready` until it gets a place; new configurations are handed out only once every result has been
 * looked at. That an experiment has gone on can be seen from the experiment that continues it: it is ready, has a place or
 * has ended.
 */

const NOTHING: HalvingHead = { results: 0, complete: 0, ready: [], given: 0 };

/** True while there are results that nobody has looked at. */
export const isDue = (head: GroupHead): boolean =>
  (head.halving ?? NOTHING).results !== resultCount(head);

/** What the results that lie in chunks have come to: they never change. */
interface Known {
  readonly halving: Halving;
  results: number;
}

const known = new WeakMap<Definition, Known>();

function addAll(to: Halving, halving: AsyncPromotion, rows: readonly ResultRow[]): void {
  for (const [number, end, objective, index] of rows) {
    // The caller's own are on no rung.
    if (index !== null) to.add({ number, end, objective, ...halving.locate(index) });
  }
}

/** What the results of the head have come to. Those that it carries itself may never be stored, and are not kept. */
async function halvingOf(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
  halving: AsyncPromotion,
): Promise<Halving> {
  const before = known.get(definition);
  // One who reads an old head is too late anyway, and begins anew.
  const isUsable = before !== undefined && before.results <= head.resultsFlushed;
  const kept: Known = isUsable ? before : { halving: createHalving(halving.rule), results: 0 };
  const from = kept.results;
  const rows = await readResults(ports, definition.config.id, head, from);
  // Others may have read the same meanwhile.
  if (kept.results <= head.resultsFlushed) {
    addAll(kept.halving, halving, rows.slice(kept.results - from, head.resultsFlushed - from));
    kept.results = head.resultsFlushed;
    if (before === undefined) known.set(definition, kept);
    const own = kept.halving.copy();
    addAll(own, halving, rows.slice(head.resultsFlushed - from));
    return own;
  }
  return halvingOf(ports, definition, head, halving);
}

/** What goes on and has neither ended nor a place: the highest rung first, on a rung in the order of decision. */
const readyOf = (
  head: GroupHead,
  halving: AsyncPromotion,
  state: Halving,
): HalvingHead['ready'] => {
  const placed = new Set(head.places.map(({ i }) => i));
  return state
    .open()
    .toSorted((a, b) => b.rung - a.rung)
    .map((one) => [halving.indexOf(one), one.parent] as const)
    .filter(([index]) => !placed.has(index));
};

/**
 * The head once every result has been looked at: what goes on is ready, rungs that are complete are told of, and what is
 * planned is as much as can be known.
 */
export async function withDecisions(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
  now: number,
): Promise<GroupHead> {
  const { halving } = definition.optimizer;
  if (halving === null || head.status !== 'running' || !isDue(head)) return head;
  const state = await halvingOf(ports, definition, head, halving);
  const before = head.halving ?? NOTHING;
  const { experiments, complete } = halving.outlook(state.counts(), head.fresh);
  const completed = experiments.flatMap((size, rung): readonly LoggedEvent[] => {
    const isNew = before.complete <= rung && rung < complete && size > 0;
    const data = { bracket: halving.bracket.bracket, rung, promoted: experiments[rung + 1] ?? 0 };
    return isNew ? [{ type: 'group.rung_completed', at: now, data }] : [];
  });
  const planned = experiments.reduce((sum, count) => sum + count, 0);
  const ready = readyOf(head, halving, state);
  return resized(
    logged(
      { ...head, halving: { ...before, results: resultCount(head), complete, ready } },
      ...completed,
    ),
    { planned, fresh: head.fresh },
    now,
  );
}

/** The head of a search whose space holds no further point: what is planned has to be found out again. */
export const withExhaustedHalving = (head: GroupHead, fresh: number, now: number): GroupHead =>
  resized(
    { ...head, halving: { ...(head.halving ?? NOTHING), results: -1 } },
    { planned: head.planned, fresh },
    now,
  );

/** The next experiment that goes on, and the head without it; null where there is none. */
export function shiftReady(
  head: GroupHead,
): { readonly i: number; readonly f: number; readonly head: GroupHead } | null {
  const { halving } = head;
  const [first, ...ready] = halving?.ready ?? [];
  if (halving === undefined || first === undefined) return null;
  const [i, f] = first;
  return { i, f, head: { ...head, halving: { ...halving, ready, given: halving.given + 1 } } };
}

/** True where a new configuration can be begun: nobody who goes on comes first. */
export const isNewNext = (head: GroupHead): boolean =>
  !isDue(head) && (head.halving?.ready ?? []).length === 0;

/** True where something is under way that may go on. */
export const mayGoOn = (head: GroupHead, { optimizer }: Definition): boolean => {
  const { halving } = optimizer;
  if (halving === null) return false;
  const last = halving.bracket.rungs.length - 1;
  return head.places.some(({ i }) => i !== undefined && halving.locate(i).rung < last);
};
