import assert from 'node:assert/strict';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import type { LocalRuntime } from '../../lib/runtime/local.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { suggest } from '../../lib/service/suggest.ts';

/** What is being computed is asked for as often as this, with time to compute it. */
const WAITS_MAX = 20;

/**
 * Returns all that a group hands out now, to a worker without a name; what it still has to compute is computed first.
 *
 * @param ports - what each call is served with
 */
export async function askComputed(
  { ports, runtime }: { readonly ports: () => Ports; readonly runtime: LocalRuntime },
  group: string,
): Promise<readonly ExperimentState[]> {
  const request = { group, count: 1_000, worker: null, waitSeconds: 0 };
  for (let wait = 0; ; wait++) {
    const asked = await suggest(ports(), runtime.call(), request);
    assert.ok(asked.ok);
    const { experiments, reason } = asked.value;
    if (reason !== 'computing' || wait === WAITS_MAX) return experiments;
    await advanceGroup(ports(), group);
  }
}
