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
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { codeOf } from './bundle.ts';
import type { FunctionName, FunctionRow, TableOperation } from './functions.ts';
import { FUNCTIONS, TABLE_ACTIONS } from './functions.ts';
import { createLogGroup } from './log-group.ts';
import type { TableInUse } from './table.ts';
import { DUE_INDEX } from './table.ts';

export interface FunctionPlace {
  readonly team: string;
  readonly table: TableInUse;
  /** The queue of pokes. */
  readonly pokes: Queue;
}

const actionsOf = (operations: readonly TableOperation[]): string[] =>
  operations.map((operation) => TABLE_ACTIONS[operation]);

/** What the function may do, each action on the one resource that it needs. */
function grantsOf(
  { table: operations, readsDue, pokes }: FunctionRow,
  place: FunctionPlace,
): readonly { readonly actions: string[]; readonly resource: string }[] {
  const { tableArn } = place.table;
  return [
    { actions: actionsOf(operations), resource: tableArn },
    { actions: readsDue ? ['dynamodb:Query'] : [], resource: `${tableArn}/index/${DUE_INDEX}` },
    { actions: pokes ? ['sqs:SendMessage'] : [], resource: place.pokes.queueArn },
  ].filter(({ actions }) => actions.length > 0);
}

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
  for (const { actions, resource } of grantsOf(row, place)) {
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
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
    environment: {
      RUNGWISE_TABLE: place.table.tableName,
      ...(row.pokes ? { RUNGWISE_QUEUE_URL: place.pokes.queueUrl } : {}),
      RUNGWISE_TEAM: place.team,
      RUNGWISE_FUNCTION: name,
      RUNGWISE_LOG_LEVEL: 'info',
    },
    tracing: row.isTraced ? Tracing.ACTIVE : Tracing.DISABLED,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    // RUNGWISE_LOG_LEVEL says what is written; all of that passes.
    applicationLogLevelV2: ApplicationLogLevel.TRACE,
    // Three lines of Lambda's own per call would cost more than the call's own line says.
    systemLogLevelV2: SystemLogLevel.WARN,
  });
}
