import type { Store } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Meter } from './meter.ts';

/** The store, with its operations counted and timed. */
export function observeStore(store: Store, meter: Meter): Store {
  async function observed<R>(work: () => Promise<R>): Promise<R> {
    const started = performance.now();
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreUnavailable) meter.add('StoreUnavailable', 1);
      throw error;
    } finally {
      meter.addStore(performance.now() - started);
    }
  }
  return {
    get: (key) => observed(() => store.get(key)),
    getMany: (keys) => observed(() => store.getMany(keys)),
    async put(put) {
      const outcome = await observed(() => store.put(put));
      // A write of something new that is there already is how a repeated one ends.
      if (outcome.kind === 'conflict' && put.expect > 0) meter.add('StoreConflicts', 1);
      return outcome;
    },
    remove: (key) => observed(() => store.remove(key)),
    list: (of, range) => observed(() => store.list(of, range)),
    due: (now, limit) => observed(() => store.due(now, limit)),
    expire: (now, limit) => store.expire(now, limit),
    durable: () => store.durable(),
    close: () => store.close(),
  };
}
