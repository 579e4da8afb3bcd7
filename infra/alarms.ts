import { Duration } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FunctionName } from './functions.ts';
import type { Queues } from './queues.ts';

/** What is watched. */
export interface Watched {
  readonly stage: HttpStage;
  readonly functions: Readonly<Record<FunctionName, IFunction>>;
  readonly queues: Queues;
}

interface AlarmRow {
  /** What has happened and what to look at, in the mail. */
  readonly description: string;
  readonly metric: Metric;
  /** The alarm goes off at this value. */
  readonly atLeast: number;
  /** How many of the last periods must be so; 1 where left out. */
  readonly periods?: number;
  /** Silence is as bad as the value. */
  readonly isSilenceBad?: boolean;
}

const FIVE_MINUTES = { period: Duration.minutes(5) };
const SUM = { ...FIVE_MINUTES, statistic: 'Sum' };
const MAXIMUM = { ...FIVE_MINUTES, statistic: 'Maximum' };
const AVERAGE = { ...FIVE_MINUTES, statistic: 'Average' };

/** A poke this old waits for more than the retries of one that failed. */
const POKE_SECONDS_MAX = 900;
/** Lambda counts a call that failed as 1 and one that did not as 0: two sweeps of five. */
const FAILING_SHARE = 0.4;

/*
 * AWS charges for each metric that an alarm looks at, so each of these sees several things. Calls that a function failed or
 * that it was too busy for reach their callers as a 5xx of the API. Of a function behind a queue that fails or is
 * throttled, the messages grow old or become dead letters.
 */
const rowsOf = ({ stage, functions, queues }: Watched): Readonly<Record<string, AlarmRow>> => ({
  ServerErrors: {
    description:
      'Calls are answered 5xx: a function fails, is throttled, or the table does. See the access log by status.',
    metric: stage.metricServerError(SUM),
    atLeast: 5,
  },
  DeadLetters: {
    description:
      'A poke or the message of a delivery was given up. Look at the log of advance or deliver-webhook, then redrive it.',
    metric: queues.deadLetters.metricApproximateNumberOfMessagesVisible(MAXIMUM),
    atLeast: 1,
  },
  OldPokes: {
    description: 'Pokes wait for long: advance is too slow, fails or is throttled.',
    metric: queues.pokes.metricApproximateAgeOfOldestMessage(MAXIMUM),
    atLeast: POKE_SECONDS_MAX,
  },
  SweepFails: {
    description:
      'The sweep fails or has not run for 10 minutes: what a crash has left is not finished. See its log and its rule.',
    metric: functions.sweep.metricErrors(AVERAGE),
    atLeast: FAILING_SHARE,
    periods: 2,
    isSilenceBad: true,
  },
});

function createAlarm(scope: Construct, id: string, row: AlarmRow): Alarm {
  const { periods = 1, isSilenceBad = false } = row;
  return new Alarm(scope, id, {
    alarmDescription: row.description,
    metric: row.metric,
    threshold: row.atLeast,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
    treatMissingData: isSilenceBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
}

/** The alarms of a stack; each tells the topic when it goes off and when it is over. */
export function createAlarms(scope: Construct, watched: Watched, topic: ITopic): readonly Alarm[] {
  const own = new Construct(scope, 'Watch');
  const alarms = Object.entries(rowsOf(watched)).map(([id, row]) => createAlarm(own, id, row));
  const action = new SnsAction(topic);
  for (const alarm of alarms) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
  return alarms;
}
