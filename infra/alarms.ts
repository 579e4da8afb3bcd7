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
}

const FIVE_MINUTES = { period: Duration.minutes(5) };
const SUM = { ...FIVE_MINUTES, statistic: 'Sum' };
const MAXIMUM = { ...FIVE_MINUTES, statistic: 'Maximum' };

/** A poke this old waits for more than the retries of one that failed. */
const POKE_SECONDS_MAX = 900;

/** A call that a function failed or that it was too busy for reaches its caller as a 5xx, so the API's count has them all. */
const rowsOf = ({ stage, functions, queues }: Watched): Readonly<Record<string, AlarmRow>> => ({
  ServerErrors: {
    description:
      'Calls are answered 5xx: a function fails, is throttled, or the table does. See the access log by status.',
    metric: stage.metricServerError(SUM),
    atLeast: 5,
  },
  AdvanceErrors: {
    description: 'advance fails as a whole: see its log. Pokes come again; the sweep helps.',
    metric: functions.advance.metricErrors(SUM),
    atLeast: 1,
    periods: 2,
  },
  AdvanceThrottles: {
    description: 'advance is throttled: the account has no concurrency left for it.',
    metric: functions.advance.metricThrottles(SUM),
    atLeast: 1,
    periods: 2,
  },
  DeadLetters: {
    description:
      'A poke was given up. Look at the log of advance, then redrive the dead letters into the queue.',
    metric: queues.deadPokes.metricApproximateNumberOfMessagesVisible(MAXIMUM),
    atLeast: 1,
  },
  OldPokes: {
    description: 'Pokes wait for long: advance is too slow, fails or is throttled.',
    metric: queues.pokes.metricApproximateAgeOfOldestMessage(MAXIMUM),
    atLeast: POKE_SECONDS_MAX,
  },
  SweepErrors: {
    description: 'The sweep fails: what a crash has left is not finished. See its log.',
    metric: functions.sweep.metricErrors(SUM),
    atLeast: 2,
  },
});

function createAlarm(scope: Construct, id: string, row: AlarmRow): Alarm {
  const periods = row.periods ?? 1;
  return new Alarm(scope, id, {
    alarmDescription: row.description,
    metric: row.metric,
    threshold: row.atLeast,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** The alarms of a stack; each tells the topic when it goes off and when it is over. */
export function createAlarms(scope: Construct, watched: Watched, topic: ITopic): readonly Alarm[] {
  const own = new Construct(scope, 'Watch');
  const alarms = Object.entries(rowsOf(watched)).map(([id, row]) => createAlarm(own, id, row));
  alarms.push(
    new Alarm(own, 'SweepSilent', {
      alarmDescription:
        'The sweep has not run for 10 minutes: it is throttled, or its rule is off.',
      metric: watched.functions.sweep.metricInvocations(SUM),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 2,
      // Silence is what this one is about.
      treatMissingData: TreatMissingData.BREACHING,
    }),
  );
  const action = new SnsAction(topic);
  for (const alarm of alarms) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
  return alarms;
}
