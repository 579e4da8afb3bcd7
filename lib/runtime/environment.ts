import * as z from 'zod';

/** What a function in the cloud reads from its environment. */
const environment = z.object({
  RUNGWISE_TABLE: z.string().min(3),
  /** Endpoint of another server that speaks DynamoDB; for tests. */
  RUNGWISE_DYNAMODB_ENDPOINT: z.url().optional(),
});

/** The function's environment. Throws where something is missing or wrong. */
export const readEnvironment = (variables: NodeJS.ProcessEnv): z.output<typeof environment> =>
  environment.parse(variables);
