import type { Stack } from 'aws-cdk-lib';
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { FUNCTION_NAMES, FUNCTIONS } from './functions.ts';

interface Finding {
  /** Where in the stack it is found, as narrow as it goes. */
  readonly at: string;
  readonly id: string;
  /** Why it stays. */
  readonly reason: string;
}

const TRACED = FUNCTION_NAMES.filter((name) => FUNCTIONS[name].isTraced);
const CALLED_AND_WAITED_FOR = FUNCTION_NAMES.filter((name) => name !== 'sweep');

/** Findings of cdk-nag that stay, each with its reason. */
export const FINDINGS: readonly Finding[] = [
  {
    at: 'Api',
    id: 'AwsSolutions::AwsSolutions-APIG4',
    reason:
      'The functions check the key of each call and its scope themselves, and answer 401 and 403 as problem documents; ' +
      'health and the contract need no key, and an authorizer would be one more function before each call.',
  },
  {
    at: 'DeadLetters',
    id: 'Serverless::Serverless-SQSRedrivePolicy',
    reason: 'These are the dead letters themselves; an alarm tells of each.',
  },
  {
    at: 'Topic',
    id: 'Serverless::Serverless-SNSRedrivePolicy',
    reason: 'An address of e-mail takes no dead letters; SNS tries again by itself.',
  },
  ...TRACED.map((name) => ({
    at: `${name}/Role/DefaultPolicy`,
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason:
      'The actions of X-Ray, xray:PutTraceSegments and xray:PutTelemetryRecords, know no resource; nothing else stands in this statement.',
  })),
  ...CALLED_AND_WAITED_FOR.map((name) => ({
    at: `${name}/Function`,
    id: 'Serverless::Serverless-LambdaDLQ',
    reason:
      'Its caller waits for the answer, the HTTP API or the queue; dead letters are for calls that nobody waits for.',
  })),
  ...[
    'Serverless::Serverless-LambdaDLQ',
    'Serverless::Serverless-LambdaAsyncFailureDestination',
    'Serverless::Serverless-EventBusDLQ',
  ].map((id) => ({
    at: 'sweep/Function',
    id,
    reason:
      'The event of a sweep holds nothing, and the next sweep does all that a failed one has left; alarms tell of sweeps that fail and of sweeps that do not come.',
  })),
  {
    at: 'sweep/Function',
    id: 'Serverless::Serverless-LambdaTracing',
    reason:
      'It runs once a minute, so X-Ray would record every pass: more than the rest of an idle stack costs. Its log says what it did.',
  },
  ...['advance/Function/Pokes', 'deliver-webhook/Function/Deliveries'].map((at) => ({
    at,
    id: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
    reason:
      'Destinations of failed batches are for streams; a queue has its own dead letters, and this one does.',
  })),
];

const within = (stack: Stack, path: string): IConstruct =>
  path.split('/').reduce((at: IConstruct, id) => at.node.findChild(id), stack);

/** Tells cdk-nag why its findings stay. */
export function acknowledgeFindings(stack: Stack): void {
  for (const { at, id, reason } of FINDINGS) {
    Validations.of(within(stack, at)).acknowledge({ id, reason });
  }
}
