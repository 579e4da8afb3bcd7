import type { Ports } from '../service/ports.ts';

/** Nobody waits for a turn: processes compete at the store, where the first write wins. */
export const noTurns: Ports['inTurn'] = (_group, work) => work(false);

/** Turns within one process: whoever works on a group has it for itself until done, in the order in which they came. */
export function createTurns(): Ports['inTurn'] {
  const last = new Map<string, Promise<unknown>>();
  return async (group, work) => {
    const before = last.get(group);
    const mine = before === undefined ? work(false) : before.then(() => work(true));
    // The next one comes whether or not this one fails.
    const settled = mine.catch(() => {});
    last.set(group, settled);
    try {
      return await mine;
    } finally {
      if (last.get(group) === settled) last.delete(group);
    }
  };
}
