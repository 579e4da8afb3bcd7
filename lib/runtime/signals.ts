import { setTimeout as sleep } from 'node:timers/promises';
import type { Signals } from '../service/ports.ts';

interface Watcher {
  changed: boolean;
  wake: (() => void) | null;
}

/** Signals within one process: whoever waits is woken at once. */
export function createLocalSignals(): Signals {
  const watchers = new Map<string, Set<Watcher>>();
  return {
    changed(group) {
      for (const watcher of watchers.get(group) ?? []) {
        watcher.changed = true;
        watcher.wake?.();
      }
    },
    watch(group) {
      const watcher: Watcher = { changed: false, wake: null };
      const others = watchers.get(group) ?? new Set();
      watchers.set(group, others.add(watcher));
      return {
        async next(milliseconds) {
          if (!watcher.changed) {
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, milliseconds);
              watcher.wake = () => {
                clearTimeout(timer);
                resolve();
              };
            });
          }
          watcher.wake = null;
          watcher.changed = false;
        },
        end() {
          others.delete(watcher);
          if (others.size === 0 && watchers.get(group) === others) watchers.delete(group);
        },
      };
    },
  };
}

/** How often a waiting call looks again where nobody can wake it, ms. */
const POLL_MS = 250;

/** Signals between processes that know nothing of each other: a waiting call looks again from time to time. */
export const pollingSignals: Signals = {
  changed() {},
  watch: () => ({
    async next(milliseconds) {
      await sleep(Math.min(milliseconds, POLL_MS));
    },
    end() {},
  }),
};
