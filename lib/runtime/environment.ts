import * as z from 'zod';
import { LOG_LEVELS } from './log.ts';

/** What a function in the cloud reads from its environment. */
const environment = z.object({
  RUNGWISE_TABLE: z.string().min(3),
  /** Endpoint of another server that speaks DynamoDB; for tests. */
  RUNGWISE_DYNAMODB_ENDPOINT: z.url().optional(),
  /** The queue that pokes go through; without one the sweep alone finds what is due. */
  RUNGWISE_QUEUE_URL: z.url().optional(),
  /** The queue of deliveries to webhooks. */
  RUNGWISE_DELIVERIES_URL: z.url().optional(),
  /** Parameter with the keys that encrypt the secrets of webhooks. */
  RUNGWISE_WEBHOOK_KEY: z.string().min(1).optional(),
  /** Lets webhooks go to http, any port and private addresses; for tests, no stack sets it. */
  RUNGWISE_ALLOW_PRIVATE_WEBHOOKS: z.literal('1').optional(),
  /** Endpoint of another server that speaks SSM; for tests. */
  RUNGWISE_SSM_ENDPOINT: z.url().optional(),
  /** Endpoint of another server that speaks SQS; for tests. */
  RUNGWISE_SQS_ENDPOINT: z.url().optional(),
  /** Whose stack it is, in the metrics. */
  RUNGWISE_TEAM: z.string().min(1).default('none'),
  /** Name of the function, in the metrics. */
  RUNGWISE_FUNCTION: z.string().min(1).default('none'),
  /** The least important lines that are written. */
  RUNGWISE_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});

export type Environment = z.output<typeof environment>;

/** The function's environment. Throws where something is missing or wrong. */
export const readEnvironment = (variables: NodeJS.ProcessEnv): Environment =>
  environment.parse(variables);
