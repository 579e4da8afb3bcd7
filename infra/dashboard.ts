import { Duration } from 'aws-cdk-lib';
import type { Alarm, IMetric, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmStatusWidget, Dashboard, GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Watched } from './alarms.ts';
import type { TableInUse } from './table.ts';

const MINUTE = { period: Duration.minutes(1) };
const SUM = { ...MINUTE, statistic: 'Sum' };
const P99 = { ...MINUTE, statistic: 'p99' };

const graph = (title: string, left: IMetric[], right: IMetric[] = []): IWidget =>
  new GraphWidget({ title, left, right, width: 12 });

/** A dashboard of what the alarms watch, and of what a call and the table cost. AWS charges for it, so it is opt-in. */
export function createDashboard(
  scope: Construct,
  watched: Watched & { readonly table: TableInUse; readonly alarms: readonly Alarm[] },
): Dashboard {
  const { stage, functions, queues, table, alarms } = watched;
  const lambdas = Object.entries(functions);
  return new Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24 })],
      [
        graph(
          'Calls',
          [stage.metricCount(SUM)],
          [stage.metricClientError(SUM), stage.metricServerError(SUM)],
        ),
        graph('Latency of calls, p50 and p99', [
          stage.metricLatency({ ...MINUTE, statistic: 'p50' }),
          stage.metricLatency(P99),
        ]),
      ],
      [
        graph(
          'Duration of functions, p99',
          lambdas.map(([label, lambda]) => lambda.metricDuration({ ...P99, label })),
        ),
        graph(
          'Errors and throttles of functions',
          lambdas.map(([label, lambda]) => lambda.metricErrors({ ...SUM, label })),
          lambdas.map(([label, lambda]) => lambda.metricThrottles({ ...SUM, label })),
        ),
      ],
      [
        graph(
          'Pokes: waiting, and age of the oldest in seconds',
          [queues.pokes.metricApproximateNumberOfMessagesVisible(MINUTE)],
          [queues.pokes.metricApproximateAgeOfOldestMessage(MINUTE)],
        ),
        graph(
          'Deliveries: waiting and delayed, and age of the oldest in seconds',
          [
            queues.deliveries.metricApproximateNumberOfMessagesVisible(MINUTE),
            queues.deliveries.metricApproximateNumberOfMessagesDelayed(MINUTE),
          ],
          [queues.deliveries.metricApproximateAgeOfOldestMessage(MINUTE)],
        ),
      ],
      [
        graph('Units of the table', [
          table.metricConsumedReadCapacityUnits(SUM),
          table.metricConsumedWriteCapacityUnits(SUM),
        ]),
      ],
    ],
  });
}
