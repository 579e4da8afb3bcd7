import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/*
 * The keys that encrypt the secrets of webhooks: a SecureString of the Parameter Store, which no template can make. The
 * first call that needs it does, under the account's own key for parameters: that one admits whoever may read the
 * parameter, so that no grant names it.
 */

/** Name of the team's parameter. */
export const webhookKeysName = (team: string): string => `/rungwise/${team}/webhook-keys`;

/** What a function may do with the parameter, by what it does. */
export const WEBHOOK_KEYS_ACTIONS = {
  nothing: [],
  reads: ['ssm:GetParameter'],
  creates: ['ssm:GetParameter', 'ssm:PutParameter'],
} as const;

/** ARN of the team's parameter. */
export const webhookKeysArn = (scope: Construct, team: string): string =>
  Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: webhookKeysName(team).slice(1),
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
