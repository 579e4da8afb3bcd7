import assert from 'node:assert/strict';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import { leaseToken } from '../../lib/service/lease.ts';
import type { Call, Ports } from '../../lib/service/ports.ts';
import { report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';

export interface Callers {
  readonly group: string;
  /** How many there are at once. */
  readonly callers: number;
  readonly waitSeconds: number;
  /** Hears of each experiment when it has been handed out. */
  readonly handedOut: (experiment: ExperimentState) => void;
}

/**
 * Many callers at once work on a group to its end, with no pause between two calls; the loss is a function of the number.
 * Returns how many calls they made. Each must be done.
 */
export async function workAsCallers(
  ports: Ports,
  call: () => Call,
  { group, callers, waitSeconds, handedOut }: Callers,
): Promise<number> {
  let calls = 0;
  async function caller(): Promise<void> {
    for (;;) {
      calls++;
      const request = { group, count: 1, worker: null, waitSeconds };
      const suggested = await suggest(ports, call(), request);
      assert.ok(suggested.ok);
      if (suggested.value.groupStatus === 'done') return;
      for (const experiment of suggested.value.experiments) {
        handedOut(experiment);
        calls++;
        const ended = await report(ports, call(), {
          group,
          number: experiment.number,
          steps: [{ step: 1, metrics: { loss: (experiment.number * 7) % 13 } }],
          status: 'succeeded',
          checkpoint: null,
          message: null,
          leaseToken: leaseToken(group, experiment, experiment.attempt),
          tokenIsKey: false,
        });
        assert.ok(ended.ok);
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, caller));
  return calls;
}
