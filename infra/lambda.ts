import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { codeOf } from './bundle.ts';
import type { FunctionName, FunctionRow, TableOperation } from './functions.ts';
import { FUNCTIONS, TABLE_ACTIONS } from './functions.ts';
import { createLogGroup } from './log-group.ts';
import type { Queues } from './queues.ts';
import type { TableInUse } from './table.ts';
import { DUE_INDEX } from './table.ts';
import { WEBHOOK_KEYS_ACTIONS, webhookKeysArn, webhookKeysName } from './webhook-keys.ts';

export interface FunctionPlace {
  readonly team: string;
  readonly table: TableInUse;
  readonly queues: Queues;
}

const actionsOf = (operations: readonly TableOperation[]): string[] =>
  operations.map((operation) => TABLE_ACTIONS[operation]);

interface Grant {
  readonly actions: string[];
  readonly resource: string;
  readonly conditions?: Readonly<Record<string, object>>;
}

/** Keeps a grant on a table to partitions of these names; a request that names none is refused. */
const within = (partitions: readonly string[] | null): Pick<Grant, 'conditions'> =>
  partitions === null
    ? {}
    : {
        conditions: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
          // A condition on all values holds where there are none.
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      };

/** What the function may do, each action on the one resource that it needs. */
function grantsOf(scope: Construct, row: FunctionRow, place: FunctionPlace): readonly Grant[] {
  const { tableArn } = place.table;
  const { pokes, deliveries } = place.queues;
  const sends = (does: boolean): string[] => (does ? ['sqs:SendMessage'] : []);
  return [
    { actions: actionsOf(row.table), resource: tableArn, ...within(row.partitions) },
    {
      actions: row.readsDue ? ['dynamodb:Query'] : [],
      resource: `${tableArn}/index/${DUE_INDEX}`,
    },
    { actions: sends(row.pokes), resource: pokes.queueArn },
    { actions: sends(row.deliveries), resource: deliveries.queueArn },
    {
      actions: [...WEBHOOK_KEYS_ACTIONS[row.webhookKeys]],
      resource: webhookKeysArn(scope, place.team),
    },
  ].filter(({ actions }) => actions.length > 0);
}

/** What the function finds in its environment. */
const environmentOf = (
  name: FunctionName,
  { team, table, queues }: FunctionPlace,
): Record<string, string> => {
  const { pokes, deliveries, webhookKeys } = FUNCTIONS[name];
  return {
    RUNGWISE_TABLE: table.tableName,
    ...(pokes ? { RUNGWISE_QUEUE_URL: queues.pokes.queueUrl } : {}),
    ...(deliveries ? { RUNGWISE_DELIVERIES_URL: queues.deliveries.queueUrl } : {}),
    ...(webhookKeys === 'nothing' ? {} : { RUNGWISE_WEBHOOK_KEY: webhookKeysName(team) }),
    RUNGWISE_TEAM: team,
    RUNGWISE_FUNCTION: name,
    RUNGWISE_LOG_LEVEL: 'info',
  };
};

/** A function of the table `FUNCTIONS` with a role and a log group of its own. */
export function createFunction(
  scope: Construct,
  name: FunctionName,
  place: FunctionPlace,
): LambdaFunction {
  const row = FUNCTIONS[name];
  const own = new Construct(scope, name);
  const logGroup = createLogGroup(own, 'Log', `/rungwise/${place.team}/${name}`);
  const role = new Role(own, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      // The group is there already: a function that could create one would bring back what its stack has deleted.
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  for (const { resource, ...grant } of grantsOf(own, row, place)) {
    role.addToPolicy(new PolicyStatement({ ...grant, resources: [resource] }));
  }
  return new LambdaFunction(own, 'Function', {
    description: `${row.description} (${place.team})`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: codeOf(name),
    handler: 'index.handler',
    memorySize: row.memoryMb,
    timeout: Duration.seconds(row.timeoutSeconds),
    role,
    environment: environmentOf(name, place),
    tracing: row.isTraced ? Tracing.ACTIVE : Tracing.DISABLED,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    // RUNGWISE_LOG_LEVEL says what is written; all of that passes.
    applicationLogLevelV2: ApplicationLogLevel.TRACE,
    // Three lines of Lambda's own per call would cost more than the call's own line says.
    systemLogLevelV2: SystemLogLevel.WARN,
  });
}
