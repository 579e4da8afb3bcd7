import { systemResolver } from '../events/webhooks/resolve.ts';
import { createSecretBox } from '../events/webhooks/secret-box.ts';
import type { Webhooks } from '../events/webhooks/webhooks.ts';
import { createWebhooks } from '../events/webhooks/webhooks.ts';
import type { Environment } from './environment.ts';
import { openParameterKey } from './parameter-key.ts';

/**
 * The port of webhooks in the cloud: only what the whole internet can reach, with secrets under the parameter's keys.
 * `canCreateKey` where the function may make the first key.
 */
export async function openCloudWebhooks(
  variables: Environment,
  { canCreateKey }: { readonly canCreateKey: boolean },
): Promise<Webhooks> {
  const { RUNGWISE_WEBHOOK_KEY: name, RUNGWISE_SSM_ENDPOINT: endpoint } = variables;
  if (name === undefined) throw new Error('RUNGWISE_WEBHOOK_KEY names no parameter');
  const keys = await openParameterKey({ name, canCreate: canCreateKey, endpoint });
  return createWebhooks({
    policy: { allowPrivate: variables.RUNGWISE_ALLOW_PRIVATE_WEBHOOKS === '1' },
    resolver: systemResolver,
    box: createSecretBox(keys),
    now: Date.now,
  });
}
