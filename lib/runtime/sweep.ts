import { sweep } from '../service/sweep.ts';
import type { Runtime } from './runtime.ts';

/** A function that sweeps once and logs what it could not do. */
export const sweepFunction = (runtime: () => Promise<Runtime>) => async (): Promise<void> => {
  const { ports, logger } = await runtime();
  const { visited, failures } = await sweep(ports);
  for (const error of failures) logger.error('sweep failed for a group', { error });
  if (visited > 0) logger.info('swept', { visited, failures: failures.length });
};
