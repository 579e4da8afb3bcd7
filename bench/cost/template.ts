import { FUNCTIONS } from '../../infra/functions.ts';
import { resourcesOf, templateOf } from '../../test/infra/synth.ts';
import { LOG_EVENT_BYTES } from './process.ts';

/** What an idle stack has that AWS charges for, and what is not known of it. */
export interface Standing {
  readonly alarms: number;
  readonly dashboards: number;
  readonly kmsKeys: number;
  readonly secrets: number;
  /** Calls of `sweep` a month. */
  readonly sweeps: number;
  /** Queues that Lambda polls. */
  readonly polledQueues: number;
  /** Budgets, which are free as long as they only notify. */
  readonly budgets: number;
  /** Types of resources that nobody has looked up the price of. */
  readonly unknown: readonly string[];
  /** Bytes that CloudWatch bills for a line of the access log. */
  readonly accessLineBytes: number;
}

/** Minutes of a month: 730 hours. */
export const MINUTES_PER_MONTH = 43_800;

/** Types that cost nothing while nothing happens. */
const FREE = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Budgets::Budget',
  'AWS::DynamoDB::Table',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
]);
const COUNTED = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Rule',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::SecretsManager::Secret',
]);

/** What stands for the variables of the access log's format, in the length that they have. */
const CONTEXT: Readonly<Record<string, string>> = {
  requestId: 'JKJaXmPLvHcESHA=',
  routeKey: FUNCTIONS['report-metric'].routes.POST?.[0] ?? '',
  status: '200',
  responseLatency: '42',
  integrationStatus: '200',
};

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;

const accessLine = (format: unknown): string =>
  String(format).replace(/\$context\.([\w.]+)/g, (_, name: string) => CONTEXT[name] ?? '-');

/** Reads what a team's stack has from its template. Throws where the schedule is another one than every minute. */
export function readStanding(): Standing {
  const template = templateOf({ team: 'bench' });
  const count = (type: string): number => Object.keys(resourcesOf(template, type)).length;
  const resources: object = template.toJSON()['Resources'];
  const types = new Set(
    Object.values(resources).map((resource) => String(fieldOf(resource, 'Type'))),
  );
  const schedules = Object.values(resourcesOf(template, 'AWS::Events::Rule')).map(
    ({ Properties }) => String(Properties['ScheduleExpression']),
  );
  if (schedules.some((schedule) => schedule !== 'rate(1 minute)')) {
    throw new Error(`a schedule is none of every minute: ${schedules.join(', ')}`);
  }
  const [stage] = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Stage'));
  const format = fieldOf(stage?.Properties['AccessLogSettings'], 'Format');
  return {
    alarms: count('AWS::CloudWatch::Alarm'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    kmsKeys: count('AWS::KMS::Key'),
    secrets: count('AWS::SecretsManager::Secret'),
    sweeps: schedules.length * MINUTES_PER_MONTH,
    polledQueues: count('AWS::Lambda::EventSourceMapping'),
    budgets: count('AWS::Budgets::Budget'),
    unknown: [...types].filter((type) => !FREE.has(type) && !COUNTED.has(type)),
    accessLineBytes: Buffer.byteLength(accessLine(format)) + LOG_EVENT_BYTES,
  };
}
