import { headKey } from '../store/keys.ts';
import type { Definition } from './definition.ts';
import type { Ports } from './ports.ts';
import { isHeard, isPushed, notePush } from './push.ts';
import { handOutTo } from './suggest.ts';

/** Experiments handed out by one write of the head: each adds an event to it. */
const AT_ONCE = 100;
/** Rounds before a poke is done: more than any group has places for. */
const ROUNDS = 100;

/**
 * Hands out whatever a group that pushes has to hand out: to nobody by name, as events that carry the leases. Nothing
 * where no webhook takes them. Interrupted or done at the same time by somebody else, it is like any suggest.
 */
export async function dispatch(ports: Ports, definition: Definition): Promise<void> {
  if (!isPushed(definition)) return;
  const group = definition.config.id;
  for (let round = 0; round < ROUNDS; round++) {
    const item = await ports.store.get(headKey(group));
    if (item === null || item.body.deletedAt !== null || item.body.push === undefined) return;
    if (!(await isHeard(ports, group))) {
      await notePush(ports, group, 'unheard');
      return;
    }
    const call = { at: ports.now(), nonce: '', repeatable: false };
    const request = { group, count: AT_ONCE, worker: null, waitSeconds: 0 };
    const answer = await handOutTo(ports, call, { definition, request });
    if (!answer.ok || answer.value.experiments.length === 0) return;
  }
}
