import type { ExperimentState } from '../domain/experiment.ts';
import type { GroupHead } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Errand } from '../store/keys.ts';
import { END, errandKey, experimentKey, START } from '../store/keys.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { fill } from './fill.ts';
import type { Sharing } from './head.ts';
import type { Ports } from './ports.ts';
import { advanced, applyRules, reconcile } from './reconcile.ts';

/** Errands that one change of the head takes along: as many as a group can have experiments out at once. */
const ERRANDS_AT_ONCE = LIMITS.concurrency;
/** Whoever left an errand this long ago has given up, ms. */
const ERRAND_MS = 10_000;

/** The head with everything in it that follows from what one experiment's item says, its metrics included. */
const followed = (
  head: GroupHead,
  experiment: ExperimentState,
  definition: Definition,
  now: number,
): GroupHead =>
  applyRules(reconcile(head, experiment, definition, now), experiment, definition, now);

/** True where only new places can be given: what was given back goes first, and so does what is on its way. */
const canFill = (head: GroupHead): boolean =>
  head.status === 'running' && head.adding === null && head.places.every(({ r }) => r !== 1);

/**
 * Does the errands of others: the head follows the experiments they name, then they get places, as far as there are any.
 * An errand whose place is in the head already was done before.
 */
async function run(
  ports: Ports,
  definition: Definition,
  old: GroupHead,
  errands: readonly Errand[],
): Promise<GroupHead> {
  const now = ports.now();
  const numbers = errands.flatMap((errand) => (errand.kind === 'follow' ? [errand.number] : []));
  const keys = numbers.map((number) => experimentKey(definition.config.id, number));
  let head = old;
  for (const item of await ports.store.getMany(keys)) {
    if (item !== null) head = followed(head, item.body, definition, now);
  }
  head = advanced(head, definition, now);
  for (const errand of errands) {
    if (errand.kind !== 'places' || !canFill(head)) continue;
    const { marks, want } = errand;
    if (head.places.some(({ k }) => k === marks.k)) continue;
    head = fill({ definition, now, marks }, head, want).head;
  }
  return advanced(head, definition, now);
}

/** The errands that others have left. Those whose callers are gone are cleared away. */
async function errandsOfOthers(
  ports: Ports,
  group: string,
  id: string,
): Promise<readonly Errand[]> {
  const range = { from: START, to: END, limit: ERRANDS_AT_ONCE };
  const items = await ports.store.list(errandKey(group, ''), range);
  const errands: Errand[] = [];
  for (const { pk, sk, body } of items) {
    if (body.at + ERRAND_MS < ports.now()) await ports.store.remove({ pk, sk });
    else if (sk !== id) errands.push(body);
  }
  return errands;
}

/**
 * Sharing by errands in a partition of the group: the call's own has this name, unique to it, and says what `errandOf`
 * returns; null where nobody else can do it.
 */
export const createSharing = (
  ports: Ports,
  definition: Definition,
  { id, errandOf }: { readonly id: string; readonly errandOf: () => Errand | null },
): Sharing => {
  const group = definition.config.id;
  const key = errandKey(group, id);
  return {
    async leave() {
      const body = errandOf();
      if (body !== null) await ports.store.put({ key, body, expect: 0 });
      return body !== null;
    },
    async withdraw() {
      try {
        await ports.store.remove(key);
      } catch (error) {
        // One that cannot be taken back lapses.
        if (!(error instanceof StoreUnavailable)) throw error;
      }
    },
    async help(head) {
      const errands = await errandsOfOthers(ports, group, id);
      const helped = errands.length;
      return { head: helped === 0 ? head : await run(ports, definition, head, errands), helped };
    },
  };
};
