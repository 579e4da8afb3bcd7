import type { App } from 'aws-cdk-lib';
import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { createAlarms } from './alarms.ts';
import { createBudget, TEAM_TAG } from './budget.ts';
import { createDashboard } from './dashboard.ts';
import type { FunctionName } from './functions.ts';
import { FUNCTIONS } from './functions.ts';
import { createHttpApi } from './http-api.ts';
import type { FunctionPlace } from './lambda.ts';
import { createFunction } from './lambda.ts';
import { acknowledgeFindings } from './nag.ts';
import { createQueues } from './queues.ts';
import type { Settings } from './settings.ts';
import { createTable, tableInUse } from './table.ts';
import { createTopic } from './topic.ts';
import { consumeQueue, PACES, sweepEveryMinute } from './triggers.ts';
import { webhookKeysName } from './webhook-keys.ts';

const createFunctions = (scope: Stack, place: FunctionPlace) => {
  const create = (name: FunctionName) => createFunction(scope, name, place);
  return {
    'create-group': create('create-group'),
    suggest: create('suggest'),
    'report-metric': create('report-metric'),
    manage: create('manage'),
    'manage-webhooks': create('manage-webhooks'),
    read: create('read'),
    insight: create('insight'),
    web: create('web'),
    fallback: create('fallback'),
    sweep: create('sweep'),
    advance: create('advance'),
    'deliver-webhook': create('deliver-webhook'),
  };
};

/** Everything that one team runs, and nothing that another one does. */
export function createTeamStack(app: App, team: string, settings: Settings): Stack {
  const stack = new Stack(app, `rungwise-${team}`, { description: `Rungwise of team ${team}` });
  // Not every version of the specification knows of tags on a dashboard.
  Tags.of(stack).add(TEAM_TAG, team, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });

  const table = tableInUse(createTable(stack), settings.table);
  const queues = createQueues(stack, {
    pokes: FUNCTIONS.advance.timeoutSeconds,
    deliveries: FUNCTIONS['deliver-webhook'].timeoutSeconds,
  });
  const functions = createFunctions(stack, { team, table, queues });
  consumeQueue(functions.advance, queues.pokes, PACES.pokes);
  consumeQueue(functions['deliver-webhook'], queues.deliveries, PACES.deliveries);
  sweepEveryMinute(functions.sweep);
  const stage = createHttpApi(stack, { team, functions });

  const topic = createTopic(stack, { team, email: settings.email });
  const alarms = createAlarms(stack, { stage, functions, queues }, topic);
  createBudget(stack, { team, usd: settings.budgetUsd, topic });
  if (settings.hasDashboard) {
    createDashboard(stack, { stage, functions, queues, table, alarms });
  }

  const outputs = {
    Url: stage.url,
    FirstKey: `npm run --silent rungwise -- keys create --table ${table.tableName} --region ${stack.region}`,
    Alarms: topic.topicArn,
    WebhookKeys: `The parameter ${webhookKeysName(team)} is made by the first webhook, and outlives the stack as the table does`,
    BudgetNeeds: `Activate the cost allocation tag ${TEAM_TAG} once per account, or the budget counts nothing`,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });

  acknowledgeFindings(stack);
  // The CDK has a function wait for its role and for the role's policy; the first of the two goes without saying.
  stack.templateOptions.metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
  return stack;
}
