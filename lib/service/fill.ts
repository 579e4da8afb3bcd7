import type { GroupHead, Place, Queued } from '../domain/group.ts';
import { isBlind, isSpent, logged, withoutQueued } from '../domain/moves.ts';
import { designOf, isNextAhead, isNextGiven, withoutFurther } from './ahead.ts';
import type { Definition } from './definition.ts';
import { isNewNext, shiftReady } from './halving.ts';
import { withBegunBracket, withExhaustedBracket } from './rungs.ts';

/** Who gets places, and when. */
export interface Filling {
  readonly definition: Definition;
  readonly now: number;
  /** By what the caller finds its places again. */
  readonly marks: Pick<Place, 'w' | 'k'>;
}

const withNewPlace = (
  { definition, now, marks }: Filling,
  head: GroupHead,
  place: Pick<Place, 'n' | 'i' | 'a' | 'b' | 'f'>,
): GroupHead => {
  const lapse = now + definition.document.hptuning.leaseSeconds * 1000;
  return logged(
    {
      ...head,
      places: [...head.places, { ...place, ...marks }],
      nextExpiry: Math.min(head.nextExpiry ?? Number.MAX_SAFE_INTEGER, lapse),
    },
    { type: 'experiment.dispatched', at: now, n: place.n, attempt: place.a },
  );
};

/** The next experiment in the queue and what is left of the queue; null where it is empty. */
function shift(queued: readonly Queued[]): { first: Queued; rest: readonly Queued[] } | null {
  const [first] = queued;
  return first === undefined ? null : { first, rest: withoutQueued(queued, first.n) };
}

/** The head of a search whose space holds no further point. */
const exhausted = ({ definition, now }: Filling, head: GroupHead): GroupHead =>
  withoutFurther(definition, head, { fresh: head.nextFresh, now });

/** The head with a place for the next suggestion of a surrogate search; null where there is none yet. */
function withNext(filling: Filling, head: GroupHead): GroupHead | null {
  const { definition } = filling;
  if (isSpent(head) || isBlind(head, designOf(definition))) return null;
  const place = { n: head.nextNumber, i: head.nextFresh, a: 1 };
  const next = { ...head, nextNumber: head.nextNumber + 1, nextFresh: head.nextFresh + 1 };
  if (isNextGiven(head, definition)) {
    return definition.optimizer.suggest(head.nextFresh) === null
      ? exhausted(filling, head)
      : withNewPlace(filling, next, place);
  }
  return head.ahead !== undefined && isNextAhead(head)
    ? withNewPlace(filling, next, { ...place, b: head.ahead.batch })
    : null;
}

/** The head with a place for what goes on, else for a new configuration; null where there is none, or none yet. */
function withNextOfHalving(filling: Filling, head: GroupHead): GroupHead | null {
  const place = { n: head.nextNumber, a: 1 };
  const next = { ...head, nextNumber: head.nextNumber + 1 };
  const going = shiftReady(next);
  if (going !== null) {
    return withNewPlace(filling, going.head, { ...place, i: going.i, f: going.f });
  }
  if (isSpent(head) || !isNewNext(head)) return null;
  const { surrogate } = filling.definition.optimizer;
  if (surrogate !== null) return withNext(filling, head);
  if (filling.definition.optimizer.suggest(head.nextFresh) === null) {
    return exhausted(filling, head);
  }
  const begun = { ...next, nextFresh: head.nextFresh + 1 };
  return withNewPlace(filling, begun, { ...place, i: head.nextFresh });
}

/** The head with a place for the search's next new suggestion; null where there is none. */
function withFresh(filling: Filling, old: GroupHead): GroupHead | null {
  const { suggest, indexOf, promotion, halving, surrogate } = filling.definition.optimizer;
  if (halving !== null) return withNextOfHalving(filling, old);
  if (surrogate !== null && promotion === null) return withNext(filling, old);
  let head = old;
  while (!isSpent(head)) {
    const isGiven = surrogate === null || isNextGiven(head, filling.definition);
    if (!isGiven && !isNextAhead(head)) break;
    if (isGiven && suggest(head.nextFresh) === null) {
      // The space holds fewer distinct points than planned.
      if (promotion === null) return exhausted(filling, head);
      head = withExhaustedBracket(head, promotion, filling.now);
      continue;
    }
    const begun = promotion === null ? head : withBegunBracket(head, promotion);
    const place = {
      ...{ n: head.nextNumber, i: indexOf(head.nextFresh), a: 1 },
      ...(isGiven || head.ahead === undefined ? {} : { b: head.ahead.batch }),
    };
    return withNewPlace(
      filling,
      { ...begun, nextNumber: head.nextNumber + 1, nextFresh: head.nextFresh + 1 },
      place,
    );
  }
  return head === old ? null : head;
}

/**
 * Gives a place to experiments that wait for one, then to new suggestions of the search: as many as are wanted and as
 * the concurrency allows. Returns the head, and the new places in it.
 */
export function fill(
  filling: Filling,
  head: GroupHead,
  want: number,
): { head: GroupHead; granted: readonly Place[] } {
  const { concurrency } = filling.definition.document.hptuning;
  const granted: Place[] = [];
  let next = head;
  while (granted.length < want && next.places.length < concurrency) {
    const waiting = shift(next.queued);
    const { count: _count, ...first } = waiting?.first ?? { n: 0, a: 0 };
    const filled =
      waiting === null
        ? withFresh(filling, next)
        : withNewPlace(filling, { ...next, queued: waiting.rest }, { ...first, a: first.a + 1 });
    if (filled === null) break;
    const place = filled.places.at(-1);
    const hasNew = filled.places.length > next.places.length;
    next = filled;
    if (!hasNew || place === undefined) break;
    granted.push(place);
  }
  return { head: next, granted };
}
