import type { GroupHead } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Errand, Wish } from '../store/keys.ts';
import { END, errandKey, experimentKey, START } from '../store/keys.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { fill } from './fill.ts';
import type { Sharing } from './head.ts';
import type { Ports } from './ports.ts';
import { advanced, applyRules, reconcile, settled } from './reconcile.ts';

/** Errands that one change of the head takes along: as many as a group can have experiments out at once. */
const ERRANDS_AT_ONCE = LIMITS.concurrency;
/** Whoever left an errand this long ago has given up, ms. */
const ERRAND_MS = 10_000;

/** The head with everything in it that follows from what the items of these experiments say, their metrics included. */
async function followed(
  ports: Ports,
  definition: Definition,
  old: GroupHead,
  numbers: readonly number[],
): Promise<GroupHead> {
  const now = ports.now();
  const keys = numbers.map((number) => experimentKey(definition.config.id, number));
  let head = old;
  for (const item of await ports.store.getMany(keys)) {
    if (item === null) continue;
    const told = reconcile(head, item.body, definition, now);
    head = applyRules(told, item.body, definition, now);
  }
  return settled(ports, definition, head, now);
}

/** True where the head holds places that were given for this mark. */
export const hasPlaces = ({ places }: GroupHead, mark: string): boolean =>
  places.some(({ k }) => k === mark);

/** The head with the places that callers wish for, as far as there are any. Whoever has got some already gets no more. */
function placed(
  definition: Definition,
  old: GroupHead,
  wishes: readonly Extract<Wish, { places: number }>[],
  now: number,
): GroupHead {
  let head = old;
  for (const { places, marks } of wishes) {
    if (head.status !== 'running') break;
    if (hasPlaces(head, marks.k)) continue;
    head = advanced(fill({ definition, now, marks }, head, places).head, definition, now);
  }
  return head;
}

/** What others wish for. What callers that are gone have left is cleared away. */
async function wishesOfOthers(
  ports: Ports,
  group: string,
  own: Wish | null,
): Promise<readonly Errand[]> {
  const range = { from: START, to: END, limit: ERRANDS_AT_ONCE };
  const of = errandKey(group, { follow: 0 });
  const ownKey = own === null ? null : errandKey(group, own).sk;
  const errands: Errand[] = [];
  for (const { body } of await ports.store.list(of, range)) {
    const key = errandKey(group, body);
    if (body.at + ERRAND_MS < ports.now()) await ports.store.remove(key);
    else if (key.sk !== ownKey) errands.push(body);
  }
  return errands;
}

/** Sharing by errands; the call's own wish is null where nobody can stand in for it. */
export const createSharing = (ports: Ports, definition: Definition, wish: Wish | null): Sharing => {
  const group = definition.config.id;
  return {
    errand:
      wish === null
        ? null
        : {
            async leave() {
              const body = { ...wish, at: ports.now() };
              await ports.store.put({ key: errandKey(group, wish), body, expect: 0 });
            },
            async withdraw() {
              try {
                await ports.store.remove(errandKey(group, wish));
              } catch (error) {
                // One that cannot be taken back lapses.
                if (!(error instanceof StoreUnavailable)) throw error;
              }
            },
            isDone: 'follow' in wish ? null : (head) => hasPlaces(head, wish.marks.k),
          },
    async help(old) {
      const errands = await wishesOfOthers(ports, group, wish);
      const numbers = errands.flatMap((errand) => ('follow' in errand ? [errand.follow] : []));
      const wishes = errands.flatMap((errand) => ('follow' in errand ? [] : [errand]));
      // Whoever has ended makes room for those who wish for a place.
      const next = numbers.length === 0 ? old : await followed(ports, definition, old, numbers);
      return { head: placed(definition, next, wishes, ports.now()), helped: errands.length };
    },
  };
};
