import * as z from 'zod';

/** What a function in the cloud reads from its environment. */
const environment = z.object({
  RUNGWISE_TABLE: z.string().min(3),
  /** Endpoint of another server that speaks DynamoDB; for tests. */
  RUNGWISE_DYNAMODB_ENDPOINT: z.url().optional(),
  /** The queue that pokes go through; without one the sweep alone finds what is due. */
  RUNGWISE_QUEUE_URL: z.url().optional(),
  /** Endpoint of another server that speaks SQS; for tests. */
  RUNGWISE_SQS_ENDPOINT: z.url().optional(),
});

export type Environment = z.output<typeof environment>;

/** The function's environment. Throws where something is missing or wrong. */
export const readEnvironment = (variables: NodeJS.ProcessEnv): Environment =>
  environment.parse(variables);
