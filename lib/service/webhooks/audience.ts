import type { Webhook } from '../../domain/delivery.ts';
import type { Store } from '../../store/store.ts';
import { enabledWebhooks } from './items.ts';
import type { Audience } from './ports.ts';

/** How long a process goes by what it has read of the webhooks, ms: a change of a group costs no read of them. */
export const AUDIENCE_MS = 10_000;

/** The enabled webhooks, read at most once in `AUDIENCE_MS`. */
export function createAudience(store: Store, now: () => number): Audience {
  let known: { readonly at: number; readonly webhooks: Promise<readonly Webhook[]> } | null = null;
  return {
    read() {
      const at = now();
      if (known === null || at - known.at >= AUDIENCE_MS || at < known.at) {
        const mine = { at, webhooks: enabledWebhooks(store) };
        known = mine;
        mine.webhooks.catch(() => {
          if (known === mine) known = null;
        });
      }
      return known.webhooks;
    },
    forget() {
      known = null;
    },
  };
}
