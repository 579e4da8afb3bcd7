import { LIMITS } from '../domain/limits.ts';
import { metricName, optimization } from './algorithm-fields.ts';
import { flag, integer, list, map, number, optional, word } from './fields.ts';
import { once } from './once.ts';

const ruleFields = once(() =>
  map({
    metric: metricName(),
    value: number().describe('The bound: reaching it is enough.'),
    optimization: optional(optimization(), 'maximize').describe('Default maximize.'),
  }),
);

/** The fields that `hptuning` has whatever the algorithm. */
export const commonFields = once(() => ({
  concurrency: optional(integer(1, LIMITS.concurrency), 1).describe(
    'How many experiments may run at once; default 1.',
  ),
  seed: optional(integer(0, LIMITS.exactInteger), null).describe(
    'What all randomness derives from; drawn once where it is left out.',
  ),
  early_stopping: optional(list(ruleFields(), LIMITS.earlyStoppingRules), []).describe(
    'The first rule that any experiment fulfils ends the group.',
  ),
  lease_seconds: optional(integer(LIMITS.leaseSecondsMin, LIMITS.leaseSecondsMax), 3_600).describe(
    'How long a worker may be silent; default 3600.',
  ),
  max_attempts: optional(integer(1, LIMITS.maxAttempts), 3).describe(
    'How often one experiment is handed out before a lapsed lease makes it failed; default 3.',
  ),
  retry_failed: optional(flag(), false).describe(
    'Whether a reported failure is handed out again too, up to max_attempts; default false.',
  ),
  max_failures: optional(integer(0, LIMITS.exactInteger), null).describe(
    'More failed experiments than this end the group; no bound where it is left out.',
  ),
  dispatch: optional(word(['pull', 'push']), 'pull').describe(
    'Who starts experiments: workers that ask by suggest (pull, the default), or launchers that webhooks tell of each one by experiment.dispatched (push).',
  ),
}));
