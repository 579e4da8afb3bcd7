import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/** Few: suggestions that are computed for one group hold up the rungs of the others in the batch. */
const POKES_PER_CALL = 5;
/** Pokes of a team take no more of the account's concurrency than this; what waits is no worse for it. */
const CALLS_AT_ONCE = 20;

/** Hands the pokes of the queue to the function; only those that it names come again. */
export function consumeQueue(lambda: IFunction, pokes: Queue): EventSourceMapping {
  lambda.addToRolePolicy(
    new PolicyStatement({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [pokes.queueArn],
    }),
  );
  return new EventSourceMapping(lambda, 'Pokes', {
    target: lambda,
    eventSourceArn: pokes.queueArn,
    batchSize: POKES_PER_CALL,
    maxConcurrency: CALLS_AT_ONCE,
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
