import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { Match } from 'aws-cdk-lib/assertions';
import { FUNCTION_NAMES, FUNCTIONS, METHODS } from '../../infra/functions.ts';
import { readEnvironment } from '../../lib/runtime/environment.ts';
import {
  apiKeyKey,
  configKey,
  deliveryKey,
  errandKey,
  experimentKey,
  goneKey,
  headKey,
  listingKey,
  webhookKey,
} from '../../lib/store/keys.ts';
import type { Key } from '../../lib/store/store.ts';
import type { Resource } from './synth.ts';
import { resourcesOf, stringsIn, templateOf } from './synth.ts';

const template = templateOf({ team: 'vision' });

const idOf = (type: string, properties: object = {}): string => {
  const ids = Object.keys(template.findResources(type, { Properties: properties }));
  assert.equal(ids.length, 1, `${type} ${JSON.stringify(properties)}: ${ids.join(', ')}`);
  return ids[0] ?? '';
};

const arn = (id: string): object => ({ 'Fn::GetAtt': [id, 'Arn'] });
const described = (name: (typeof FUNCTION_NAMES)[number]): object => ({
  Description: `${FUNCTIONS[name].description} (vision)`,
});

const TABLE = idOf('AWS::DynamoDB::Table');
const DEAD_LETTERS = idOf('AWS::SQS::Queue', { RedrivePolicy: Match.absent() });
/** Seconds of visibility: six times the timeout of the function behind the queue. */
const visible = (name: (typeof FUNCTION_NAMES)[number]): number =>
  6 * FUNCTIONS[name].timeoutSeconds;
const POKES = idOf('AWS::SQS::Queue', { VisibilityTimeout: visible('advance') });
const DELIVERIES = idOf('AWS::SQS::Queue', { VisibilityTimeout: visible('deliver-webhook') });
const WEBHOOK_KEYS = '/rungwise/vision/webhook-keys';
const TOPIC = idOf('AWS::SNS::Topic');

describe('the table', () => {
  test('has the keys, the index and the time to live of the store, and is billed by request', () => {
    const key = (name: string, KeyType: string) => ({ AttributeName: name, KeyType });

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
      AttributeDefinitions: Match.arrayWith([
        { AttributeName: 'duePk', AttributeType: 'S' },
        { AttributeName: 'due', AttributeType: 'N' },
      ]),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'due',
          KeySchema: [key('duePk', 'HASH'), key('due', 'RANGE')],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
  });

  test('outlives its stack, and can be brought back to any second', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    });
  });
});

describe('a stack that is pointed at another table', () => {
  const other = 'rungwise-vision-restored';
  const pointed = templateOf({ team: 'vision', table: other, dashboard: 'true' });
  const tablesOf = (policies: readonly Resource[]): readonly string[] => [
    ...new Set(
      policies
        .flatMap(({ Properties }) => [...stringsIn(Properties)])
        .filter((text) => text.includes(':table/') || text === TABLE),
    ),
  ];

  test('has every function work on that one, and lets none of them touch its own', () => {
    for (const name of FUNCTION_NAMES) {
      pointed.hasResourceProperties('AWS::Lambda::Function', {
        ...described(name),
        Environment: { Variables: Match.objectLike({ RUNGWISE_TABLE: other }) },
      });
    }
    const policies = Object.values(resourcesOf(pointed, 'AWS::IAM::Policy'));
    assert.deepEqual(tablesOf(policies).toSorted(), [
      `:table/${other}`,
      `:table/${other}/index/due`,
    ]);
  });

  test('grants what it grants on its own table, and nothing more', () => {
    const actions = (of: Template): unknown =>
      Object.values(resourcesOf(of, 'AWS::IAM::Policy')).map(({ Properties }) =>
        [...stringsIn(Properties)].filter((text) => /^[a-z]+:[A-Z]\w+$/.test(text)),
      );

    assert.deepEqual(actions(pointed), actions(template));
  });

  test('keeps its own table as it was, and says which one the first key goes into', () => {
    assert.deepEqual(
      pointed.findResources('AWS::DynamoDB::Table'),
      template.findResources('AWS::DynamoDB::Table'),
    );
    const shown = JSON.stringify(pointed.findOutputs('FirstKey'));
    assert.match(shown, /keys create --table rungwise-vision-restored --region/);
  });

  test('watches that one on its dashboard', () => {
    const dashboards = JSON.stringify(pointed.findResources('AWS::CloudWatch::Dashboard'));

    assert.ok(dashboards.includes(other));
    assert.ok(!dashboards.includes(TABLE));
  });
});

describe('the functions', () => {
  test('run on Node 24 and arm64, with a log group of their own', () => {
    const functions = Object.values(resourcesOf(template, 'AWS::Lambda::Function'));

    assert.equal(functions.length, FUNCTION_NAMES.length);
    for (const { Properties } of functions) {
      assert.equal(Properties['Runtime'], 'nodejs24.x');
      assert.deepEqual(Properties['Architectures'], ['arm64']);
      assert.ok('LoggingConfig' in Properties);
    }
    const groups = new Set(
      functions.map(({ Properties }) => JSON.stringify(Properties['LoggingConfig'])),
    );
    assert.equal(groups.size, FUNCTION_NAMES.length);
  });

  for (const name of FUNCTION_NAMES) {
    test(`${name} finds in its environment what the runtime reads, and nothing else`, () => {
      const { pokes, deliveries, webhookKeys } = FUNCTIONS[name];
      const id = idOf('AWS::Lambda::Function', described(name));
      const properties = resourcesOf(template, 'AWS::Lambda::Function')[id]?.Properties ?? {};

      const expected = {
        RUNGWISE_TABLE: { Ref: TABLE },
        ...(pokes ? { RUNGWISE_QUEUE_URL: { Ref: POKES } } : {}),
        ...(deliveries ? { RUNGWISE_DELIVERIES_URL: { Ref: DELIVERIES } } : {}),
        ...(webhookKeys === 'nothing' ? {} : { RUNGWISE_WEBHOOK_KEY: WEBHOOK_KEYS }),
        RUNGWISE_TEAM: 'vision',
        RUNGWISE_FUNCTION: name,
        RUNGWISE_LOG_LEVEL: 'info',
      };
      assert.deepEqual(properties['Environment'], { Variables: expected });
      const values = {
        RUNGWISE_TABLE: 'table',
        RUNGWISE_QUEUE_URL: 'https://queue.example',
        RUNGWISE_DELIVERIES_URL: 'https://deliveries.example',
        RUNGWISE_WEBHOOK_KEY: WEBHOOK_KEYS,
        RUNGWISE_TEAM: 'vision',
        RUNGWISE_FUNCTION: name,
        RUNGWISE_LOG_LEVEL: 'info',
      };
      const read = readEnvironment(
        Object.fromEntries(Object.entries(values).filter(([variable]) => variable in expected)),
      );
      assert.deepEqual(Object.keys(read).sort(), Object.keys(expected).sort());
    });
  }
});

describe('the permissions', () => {
  const TABLE_ACTIONS = {
    get: 'dynamodb:GetItem',
    getMany: 'dynamodb:BatchGetItem',
    list: 'dynamodb:Query',
    put: 'dynamodb:PutItem',
    remove: 'dynamodb:DeleteItem',
  };
  const KEYS_ACTIONS = {
    reads: ['ssm:GetParameter'],
    creates: ['ssm:GetParameter', 'ssm:PutParameter'],
  };
  const own = (name: string): object => ({ Ref: `AWS::${name}` });
  const [partition, region, account] = [own('Partition'), own('Region'), own('AccountId')];
  const keys = {
    'Fn::Join': [
      '',
      ['arn:', partition, ':ssm:', region, ':', account, `:parameter${WEBHOOK_KEYS}`],
    ],
  };
  const QUEUES: Readonly<Partial<Record<(typeof FUNCTION_NAMES)[number], string>>> = {
    advance: POKES,
    'deliver-webhook': DELIVERIES,
  };
  const allow = (actions: readonly string[], resource: unknown): object => ({
    Effect: 'Allow',
    Action: actions.length === 1 ? actions[0] : actions,
    Resource: resource,
  });

  for (const name of FUNCTION_NAMES) {
    test(`${name} may do exactly what it needs on exactly what it needs it for`, () => {
      const row = FUNCTIONS[name];
      const consumed = QUEUES[name];
      const lambda = idOf('AWS::Lambda::Function', described(name));
      const properties = resourcesOf(template, 'AWS::Lambda::Function')[lambda]?.Properties ?? {};
      const role = /"([^"]+)","Arn"/.exec(JSON.stringify(properties['Role']))?.[1] ?? '';
      const log = idOf('AWS::Logs::LogGroup', { LogGroupName: `/rungwise/vision/${name}` });

      const policy = idOf('AWS::IAM::Policy', { Roles: [{ Ref: role }] });
      const document = resourcesOf(template, 'AWS::IAM::Policy')[policy]?.Properties;

      const tableActions = row.table.map((operation) => TABLE_ACTIONS[operation]);
      const index = { 'Fn::Join': ['', [arn(TABLE), '/index/due']] };
      const within =
        row.partitions === null
          ? {}
          : {
              Condition: {
                'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': row.partitions },
                Null: { 'dynamodb:LeadingKeys': 'false' },
              },
            };
      const expected = [
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arn(log)),
        ...(tableActions.length > 0 ? [{ ...allow(tableActions, arn(TABLE)), ...within }] : []),
        ...(row.readsDue ? [allow(['dynamodb:Query'], index)] : []),
        ...(row.pokes ? [allow(['sqs:SendMessage'], arn(POKES))] : []),
        ...(row.deliveries ? [allow(['sqs:SendMessage'], arn(DELIVERIES))] : []),
        ...(row.webhookKeys === 'nothing' ? [] : [allow(KEYS_ACTIONS[row.webhookKeys], keys)]),
        ...(row.isTraced
          ? [allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*')]
          : []),
        ...(consumed === undefined
          ? []
          : [
              allow(
                ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
                arn(consumed),
              ),
            ]),
      ];
      assert.deepEqual(document?.['PolicyDocument'], {
        Version: '2012-10-17',
        Statement: expected,
      });
    });
  }

  test('every role is one function’s, without policies of AWS', () => {
    const roles = Object.values(resourcesOf(template, 'AWS::IAM::Role'));

    assert.equal(roles.length, FUNCTION_NAMES.length);
    for (const { Properties } of roles) {
      assert.deepEqual(Object.keys(Properties).sort(), ['AssumeRolePolicyDocument', 'Tags']);
    }
    template.resourceCountIs('AWS::IAM::Policy', FUNCTION_NAMES.length);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  test('each route, and nothing else but the rule, may call its function', () => {
    const routes = FUNCTION_NAMES.flatMap((name) =>
      METHODS.flatMap((method) => FUNCTIONS[name].routes[method] ?? []),
    );
    const permissions = Object.values(resourcesOf(template, 'AWS::Lambda::Permission'));

    // One for each route, one for $default, one for the rule of the sweep.
    assert.equal(permissions.length, routes.length + 2);
    for (const { Properties } of permissions) assert.ok('SourceArn' in Properties);
  });
});

describe('the queues', () => {
  for (const [name, id] of [
    ['advance', POKES],
    ['deliver-webhook', DELIVERIES],
  ] as const) {
    test(`give a message six times the timeout of ${name}, and up after five deliveries`, () => {
      const properties = resourcesOf(template, 'AWS::SQS::Queue')[id]?.Properties ?? {};

      assert.equal(properties['VisibilityTimeout'], visible(name));
      assert.equal(properties['SqsManagedSseEnabled'], true);
      assert.deepEqual(properties['RedrivePolicy'], {
        deadLetterTargetArn: arn(DEAD_LETTERS),
        maxReceiveCount: 5,
      });
    });

    test(`hand batches to ${name}, of which only what failed comes again`, () => {
      template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        EventSourceArn: arn(id),
        FunctionName: { Ref: idOf('AWS::Lambda::Function', described(name)) },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        // Waiting for more messages would hold up those that are there.
        MaximumBatchingWindowInSeconds: Match.absent(),
      });
    });
  }

  test('share dead letters that are kept for 14 days', () => {
    template.resourceCountIs('AWS::SQS::Queue', 3);
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: Match.absent(),
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
  });

  test('give an endpoint its time, and an attempt before it the wait for its turn', () => {
    assert.ok(FUNCTIONS['deliver-webhook'].timeoutSeconds >= 15 + 2 + 10);
  });
});

describe('the function that sends to webhooks', () => {
  const TOUCHED: readonly Key<unknown>[] = [
    webhookKey('whk_1'),
    deliveryKey('whk_1', 'dlv_1'),
    goneKey('whk_1'),
  ];
  const OUT_OF_REACH: readonly Key<unknown>[] = [
    apiKeyKey('key_1'),
    listingKey('grp_1'),
    configKey('grp_1'),
    headKey('grp_1'),
    errandKey('grp_1', { follow: 1 }),
    experimentKey('grp_1', 1),
  ];
  /** As IAM compares a name with patterns in which a star stands for anything. */
  const isWithin = ({ pk }: Key<unknown>): boolean =>
    (FUNCTIONS['deliver-webhook'].partitions ?? []).some((pattern) =>
      new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(pk),
    );

  test('may touch webhooks and deliveries, and no key, group or experiment', () => {
    assert.deepEqual(TOUCHED.map(isWithin), [true, true, true]);
    assert.deepEqual(
      OUT_OF_REACH.map(isWithin),
      OUT_OF_REACH.map(() => false),
    );
  });

  test('is told where the keys of secrets are, as is who makes secrets, and nobody else', () => {
    const told = FUNCTION_NAMES.filter((name) => FUNCTIONS[name].webhookKeys !== 'nothing');

    assert.deepEqual(told, ['manage-webhooks', 'deliver-webhook']);
  });
});

describe('the schedule', () => {
  test('calls the sweep every minute, which never runs longer than that', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [Match.objectLike({ Arn: arn(idOf('AWS::Lambda::Function', described('sweep'))) })],
    });
    assert.ok(FUNCTIONS.sweep.timeoutSeconds < 60);
  });
});

describe('the API', () => {
  test('has the routes of the functions, and $default for everything else', () => {
    const keys = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => Properties['RouteKey'],
    );

    const routes = FUNCTION_NAMES.flatMap((name) =>
      METHODS.flatMap((method) =>
        (FUNCTIONS[name].routes[method] ?? []).map((path) => `${method} ${path}`),
      ),
    );
    assert.deepEqual(keys.sort(), ['$default', ...routes].sort());
  });

  test('is throttled and writes a line of JSON for each call', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
      AccessLogSettings: { Format: Match.stringLikeRegexp('^\\{"request_id"') },
    });
    template.resourceCountIs('AWS::ApiGatewayV2::Stage', 1);
  });
});

describe('the logs', () => {
  test('are kept for a month each, and made by the stack alone', () => {
    const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'));

    assert.equal(groups.length, FUNCTION_NAMES.length + 1);
    for (const { Properties } of groups) assert.equal(Properties['RetentionInDays'], 30);
    // No resource stands for a function of the CDK's own, which would bring a log group that nobody cleans up.
    const types = [...stringsIn(template.toJSON())].filter((text) =>
      /^(?:Custom::|AWS::CloudFormation::CustomResource)/.test(text),
    );
    assert.deepEqual(types, []);
  });
});

describe('the alarms', () => {
  const alarm = (name: string, metric: string, dimension: string): void => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.anyValue(),
      Namespace: name,
      MetricName: metric,
      Dimensions: Match.arrayWith([Match.objectLike({ Name: dimension })]),
      AlarmActions: [{ Ref: TOPIC }],
      OKActions: [{ Ref: TOPIC }],
    });
  };

  for (const [name, metric, dimension] of [
    ['AWS/ApiGateway', '5xx', 'ApiId'],
    ['AWS/Lambda', 'Errors', 'FunctionName'],
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName'],
    ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName'],
  ] as const) {
    test(`watch ${metric} and tell the topic`, () => alarm(name, metric, dimension));
  }

  test('are four of one metric each, which is what AWS charges for', () => {
    const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'));

    assert.equal(alarms.length, 4);
    for (const { Properties } of alarms) assert.ok('MetricName' in Properties);
  });

  test('go off where two sweeps of five fail, and where the sweep is not heard of', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors',
      Dimensions: [{ Value: { Ref: idOf('AWS::Lambda::Function', described('sweep')) } }],
      Statistic: 'Average',
      Threshold: 0.4,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('go off at a dead letter of either queue', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Value: { 'Fn::GetAtt': [DEAD_LETTERS, 'QueueName'] } }],
      Threshold: 1,
    });
  });

  test('may publish to the topic, as the budget may, and only over TLS', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
          {
            Sid: 'AllowAlarmsAndBudget',
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
            Resource: { Ref: TOPIC },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ]),
      },
    });
  });

  test('reach nobody but who is named', () => {
    template.resourceCountIs('AWS::SNS::Subscription', 0);
    templateOf({ team: 'vision', email: 'ops@example.com' }).hasResourceProperties(
      'AWS::SNS::Subscription',
      { Protocol: 'email', Endpoint: 'ops@example.com' },
    );
  });
});

describe('the budget', () => {
  const budget = (usd: number): object => ({
    Budget: {
      BudgetLimit: { Amount: usd, Unit: 'USD' },
      TimeUnit: 'MONTHLY',
      CostFilters: { TagKeyValue: ['user:rungwise-team$vision'] },
    },
    NotificationsWithSubscribers: Match.arrayWith([
      Match.objectLike({ Subscribers: [{ SubscriptionType: 'SNS', Address: { Ref: TOPIC } }] }),
    ]),
  });

  test('is 20 dollars a month, counted by the tag that everything has', () => {
    template.hasResourceProperties('AWS::Budgets::Budget', budget(20));
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      Tags: [{ Key: 'rungwise-team', Value: 'vision' }],
    });
  });

  test('is what the context says', () => {
    templateOf({ team: 'vision', budget: '75.5' }).hasResourceProperties(
      'AWS::Budgets::Budget',
      budget(75.5),
    );
  });
});

describe('the dashboard', () => {
  test('is there only where it is asked for', () => {
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    templateOf({ team: 'vision', dashboard: 'true' }).resourceCountIs(
      'AWS::CloudWatch::Dashboard',
      1,
    );
  });
});

describe('the outputs', () => {
  test('tell the URL, and the command that makes the first key', () => {
    template.hasOutput('Url', {});
    template.hasOutput('FirstKey', {
      Value: {
        'Fn::Join': [
          '',
          [
            'npm run --silent rungwise -- keys create --table ',
            { Ref: TABLE },
            ' --region ',
            { Ref: 'AWS::Region' },
          ],
        ],
      },
    });
  });
});
