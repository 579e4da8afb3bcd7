import type { GroupHead } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import { END, errandKey, experimentKey, START } from '../store/keys.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Definition } from './definition.ts';
import type { Sharing } from './head.ts';
import type { Ports } from './ports.ts';
import { advanced, applyRules, reconcile } from './reconcile.ts';

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
  return advanced(head, definition, now);
}

/** Experiments whose errands others have left. What callers that are gone have left is cleared away. */
async function errandsOfOthers(
  ports: Ports,
  group: string,
  own: number | null,
): Promise<readonly number[]> {
  const range = { from: START, to: END, limit: ERRANDS_AT_ONCE };
  const items = await ports.store.list(errandKey(group, 0), range);
  const numbers: number[] = [];
  for (const { body } of items) {
    const { at, number } = body;
    if (at + ERRAND_MS < ports.now()) await ports.store.remove(errandKey(group, number));
    else if (number !== own) numbers.push(number);
  }
  return numbers;
}

/** Sharing by errands: the call's own is that the head follows experiment `number`; null for a call without one. */
export const createSharing = (
  ports: Ports,
  definition: Definition,
  number: number | null,
): Sharing => {
  const group = definition.config.id;
  return {
    errand:
      number === null
        ? null
        : {
            async leave() {
              const body = { at: ports.now(), number };
              await ports.store.put({ key: errandKey(group, number), body, expect: 0 });
            },
            async withdraw() {
              try {
                await ports.store.remove(errandKey(group, number));
              } catch (error) {
                // One that cannot be taken back lapses.
                if (!(error instanceof StoreUnavailable)) throw error;
              }
            },
          },
    async help(head) {
      const numbers = await errandsOfOthers(ports, group, number);
      const helped = numbers.length;
      return {
        head: helped === 0 ? head : await followed(ports, definition, head, numbers),
        helped,
      };
    },
  };
};
