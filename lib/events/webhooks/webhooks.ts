import type { Result } from '../../domain/result.ts';
import { err, ok } from '../../domain/result.ts';
import type { Sent } from '../../domain/webhook.ts';
import type { WebhookPolicy } from '../../domain/webhook-address.ts';
import { checkWebhookUrl, hostOf } from '../../domain/webhook-url.ts';
import type { Resolver } from './resolve.ts';
import { resolveHost } from './resolve.ts';
import type { SecretBox, SecretOwner } from './secret-box.ts';
import { sendWebhook } from './send.ts';
import { createSecret, signatureHeaders } from './sign.ts';

/** A secret that was just made. */
export interface CreatedSecret {
  /** `whsec_…`, to be shown once. */
  readonly text: string;
  /** What is stored of it. */
  readonly sealed: string;
}

/** One attempt to deliver an event. */
export interface Delivery {
  readonly owner: SecretOwner;
  readonly url: string;
  /** Sealed secrets that sign now, the newest first. */
  readonly secrets: readonly string[];
  /** The same at every attempt; it has no dot. */
  readonly id: string;
  /** JSON text, the same at every attempt. */
  readonly body: string;
}

/** What the use cases need of webhooks and cannot do themselves. */
export interface Webhooks {
  /**
   * Returns the URL as it is kept, or sentences that say what is wrong with it. A host that does not resolve, or not
   * soon, is accepted: every delivery checks again.
   */
  readonly checkUrl: (text: string) => Promise<Result<string, string>>;
  readonly createSecret: (owner: SecretOwner) => Promise<CreatedSecret>;
  /** Signs and sends, once. Throws `SecretUnreadable`. */
  readonly deliver: (delivery: Delivery) => Promise<Sent>;
}

export interface WebhookWorld {
  readonly policy: WebhookPolicy;
  readonly resolver: Resolver;
  readonly box: SecretBox;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long the check of a URL waits for DNS. 2,000 where left out. */
  readonly lookupMs?: number;
  /** Breaks off every attempt under way. */
  readonly signal?: AbortSignal;
}

const LOOKUP_MS = 2_000;
const NOBODY = { allowed: [], refused: [] };

/** The port of webhooks over the network. */
export function createWebhooks(world: WebhookWorld): Webhooks {
  const { policy, resolver, box, now, lookupMs = LOOKUP_MS, signal } = world;

  return {
    async checkUrl(text) {
      const url = checkWebhookUrl(text, policy);
      if (!url.ok) return url;
      const host = hostOf(url.value);
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<typeof NOBODY>((resolve) => {
        timer = setTimeout(() => resolve(NOBODY), lookupMs);
      });
      const lookup = resolveHost(host, policy, resolver).catch(() => NOBODY);
      const { refused } = await Promise.race([lookup, patience]);
      clearTimeout(timer);
      const [first] = refused;
      if (first === undefined) return ok(url.value.href);
      return err(
        `The host ${host} resolves to an address that webhooks are not sent to: ${first}.`,
      );
    },

    async createSecret(owner) {
      const text = createSecret();
      return { text, sealed: await box.encrypt(text, owner) };
    },

    async deliver({ owner, url, secrets, id, body }) {
      const texts = await Promise.all(secrets.map((sealed) => box.decrypt(sealed, owner)));
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'rungwise',
        ...signatureHeaders({ id, at: now(), body }, texts),
      };
      return sendWebhook({ url, headers, body, signal }, policy, resolver);
    },
  };
}
