import { sweep } from '../service/sweep.ts';
import type { Runtime } from './runtime.ts';

/** A function that sweeps once and logs what it could not do. */
export const sweepFunction = (runtime: () => Promise<Runtime>) => async (): Promise<void> => {
  const { ports, logger, meter } = await runtime();
  const started = performance.now();
  const { visited, rungsClosed, failures } = await sweep(ports);
  const ms = Math.round(performance.now() - started);
  for (const error of failures) logger.error('sweep failed for a group', { error });
  if (visited > 0) {
    meter.add('GroupsSwept', visited);
    meter.add('SweepMs', ms);
    if (rungsClosed > 0) meter.add('RungsClosed', rungsClosed);
  }
  if (failures.length > 0) meter.add('SweepFailures', failures.length);
  const counted = meter.take(null);
  // A pass that finds nothing comes every minute: its line and its metrics would cost more than an idle stack does.
  if (visited > 0) logger.info('swept', { visited, failures: failures.length, ms, ...counted });
};
