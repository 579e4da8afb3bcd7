import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Deliveries of a message before it becomes a dead letter: fewer lose messages while the function is throttled. */
export const MAX_RECEIVES = 5;
/** What AWS asks for between a function's timeout and the visibility of the queue before it: room for its own retries. */
const TIMEOUTS_PER_VISIBILITY = 6;
/** By then the sweep has long seen what an older message points at. */
const MESSAGE_DAYS = 1;
/** The longest that SQS keeps anything. */
const DEAD_LETTER_DAYS = 14;

export interface Queues {
  readonly pokes: Queue;
  readonly deliveries: Queue;
  /** Of both: each alarm costs money, and a message tells by itself which queue it is from. */
  readonly deadLetters: Queue;
}

/** The queues with their dead letters, by the seconds that the function behind each takes at most. */
export function createQueues(
  scope: Construct,
  timeoutSeconds: { readonly pokes: number; readonly deliveries: number },
): Queues {
  const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const;
  const deadLetters = new Queue(scope, 'DeadLetters', {
    ...common,
    retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
  });
  const create = (id: string, seconds: number): Queue =>
    new Queue(scope, id, {
      ...common,
      visibilityTimeout: Duration.seconds(TIMEOUTS_PER_VISIBILITY * seconds),
      retentionPeriod: Duration.days(MESSAGE_DAYS),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  return {
    pokes: create('Pokes', timeoutSeconds.pokes),
    deliveries: create('Deliveries', timeoutSeconds.deliveries),
    deadLetters,
  };
}
