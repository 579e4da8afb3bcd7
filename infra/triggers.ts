import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/** How the messages of a queue are handed over. */
interface Pace {
  readonly messagesPerCall: number;
  /** The queue takes no more of the account's concurrency than this; what waits is no worse for it. */
  readonly callsAtOnce: number;
}

/** How each queue is handed over. */
export const PACES = {
  // Few in a call: suggestions that are computed for one group hold up the rungs of the others in the batch.
  pokes: { messagesPerCall: 5, callsAtOnce: 20 },
  // As many as SQS hands over at once: they are sent at the same time, and an endpoint that never answers, which holds its
  // call for as long as it may, holds few calls then.
  deliveries: { messagesPerCall: 10, callsAtOnce: 50 },
} as const satisfies Readonly<Record<string, Pace>>;

/** Hands the messages of a queue to the function; only those that it names come again. */
export function consumeQueue(
  lambda: IFunction,
  queue: Queue,
  { messagesPerCall, callsAtOnce }: Pace,
): EventSourceMapping {
  lambda.addToRolePolicy(
    new PolicyStatement({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [queue.queueArn],
    }),
  );
  return new EventSourceMapping(lambda, queue.node.id, {
    target: lambda,
    eventSourceArn: queue.queueArn,
    batchSize: messagesPerCall,
    maxConcurrency: callsAtOnce,
    reportBatchItemFailures: true,
  });
}

/** Calls the function every minute, once: whatever keeps a call from its end, the next one does its work. */
export function sweepEveryMinute(lambda: IFunction): Rule {
  lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  return new Rule(lambda, 'EveryMinute', {
    description: 'Finishes what was left',
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaFunction(lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  });
}
