import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Deliveries of a poke before it becomes a dead letter: fewer lose pokes while the function is throttled. */
export const MAX_RECEIVES = 5;
/** What AWS asks for between a function's timeout and the visibility of the queue before it: room for its own retries. */
const TIMEOUTS_PER_VISIBILITY = 6;
/** By then the sweep has long seen what an older poke points at. */
const POKE_DAYS = 1;
/** The longest that SQS keeps anything. */
const DEAD_LETTER_DAYS = 14;

export interface Queues {
  readonly pokes: Queue;
  readonly deadPokes: Queue;
}

/** The queue of pokes with its dead letters, for a function that takes so many seconds at most. */
export function createQueues(scope: Construct, timeoutSeconds: number): Queues {
  const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const;
  const deadPokes = new Queue(scope, 'DeadPokes', {
    ...common,
    retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
  });
  const pokes = new Queue(scope, 'Pokes', {
    ...common,
    visibilityTimeout: Duration.seconds(TIMEOUTS_PER_VISIBILITY * timeoutSeconds),
    retentionPeriod: Duration.days(POKE_DAYS),
    deadLetterQueue: { queue: deadPokes, maxReceiveCount: MAX_RECEIVES },
  });
  return { pokes, deadPokes };
}
