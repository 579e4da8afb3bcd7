import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Every resource of a team's stack has this tag, with the team's name. */
export const TEAM_TAG = 'rungwise-team';

/** When the budget speaks up. */
const NOTIFICATIONS = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
] as const;

export interface BudgetPlace {
  readonly team: string;
  readonly usd: number;
  readonly topic: ITopic;
}

/**
 * A monthly budget over what carries the team's tag. AWS counts by a tag only once it is activated as a cost allocation
 * tag of the account, which no template can do.
 */
export const createBudget = (scope: Construct, { team, usd, topic }: BudgetPlace): CfnBudget =>
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: usd, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:${TEAM_TAG}$${team}`] },
    },
    notificationsWithSubscribers: NOTIFICATIONS.map((notification) => ({
      notification: {
        ...notification,
        comparisonOperator: 'GREATER_THAN',
        thresholdType: 'PERCENTAGE',
      },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    })),
  });
