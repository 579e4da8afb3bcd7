import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/** The services that have something to say. */
const PUBLISHERS = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];

/** The topic of alarms and of the budget. Whoever gives an address confirms it by a mail that AWS sends. */
export function createTopic(
  scope: Construct,
  { team, email }: { readonly team: string; readonly email: string | null },
): Topic {
  const topic = new Topic(scope, 'Topic', {
    displayName: `Rungwise ${team}`,
    enforceSSL: true,
  });
  // A topic with a policy of its own has lost the one by which alarms of its account may publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowAlarmsAndBudget',
      principals: PUBLISHERS.map((service) => new ServicePrincipal(service)),
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  if (email !== null) topic.addSubscription(new EmailSubscription(email));
  return topic;
}
