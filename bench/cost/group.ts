import { randomUUID } from 'node:crypto';
import type { Cloud } from './cloud.ts';
import type { ApiAnswer } from './gateway.ts';

/** An experiment as it was handed out. */
export interface Held {
  readonly number: number;
  readonly lease: { readonly token: string };
}

/** Calls for one group. */
export interface GroupCalls {
  readonly id: string;
  readonly suggest: (count: number) => Promise<ApiAnswer>;
  /** Reports on an experiment that it goes on, at a step, or that it has succeeded. */
  readonly report: (
    held: Held,
    step: number,
    status: 'running' | 'succeeded',
  ) => Promise<ApiAnswer>;
}

/** What a suggest has answered. */
export interface Suggested {
  readonly experiments: readonly Held[];
  readonly group_status: string;
}

/** The experiments in the answer to a suggest; throws where it is a problem. */
export function suggestedIn({ status, body }: ApiAnswer): Suggested {
  if (status !== 200) throw new Error(`a suggest was answered ${status}: ${body}`);
  return JSON.parse(body);
}

/** Creates a group with this search, and returns its calls. */
export async function createGroup(
  cloud: Cloud,
  hptuning: object,
  hasIdempotencyKeys: boolean,
): Promise<GroupCalls> {
  const keyed = (): { headers?: Readonly<Record<string, string>> } =>
    hasIdempotencyKeys ? { headers: { 'idempotency-key': randomUUID() } } : {};
  const created = await cloud.call({
    name: 'create-group',
    route: 'POST /v1/groups',
    parameters: {},
    body: { version: 1, kind: 'group', hptuning },
  });
  if (created.status !== 201) throw new Error(`no group: ${created.status} ${created.body}`);
  const { id }: { readonly id: string } = JSON.parse(created.body);
  return {
    id,
    suggest: (count) =>
      cloud.call({
        name: 'suggest',
        route: 'POST /v1/groups/{group}/suggest',
        parameters: { group: id },
        body: { count },
        ...keyed(),
      }),
    report: ({ number, lease }, step, status) =>
      cloud.call({
        name: 'report-metric',
        route: 'POST /v1/groups/{group}/experiments/{number}/report',
        parameters: { group: id, number: String(number) },
        body: {
          step,
          metrics: { loss: Math.sin(number), accuracy: 0.5 },
          status,
          lease_token: lease.token,
        },
        ...keyed(),
      }),
  };
}
