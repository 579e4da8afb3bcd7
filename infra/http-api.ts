import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionName } from './functions.ts';
import { FUNCTION_NAMES, FUNCTIONS, METHODS } from './functions.ts';
import { createLogGroup } from './log-group.ts';

/** Calls a second that a team may make: 1,000 workers with a suggest or a report each. More is answered 429. */
const RATE_PER_SECOND = 1_000;
/** Calls that may come at once: every worker of a group with two. */
const BURST = 2_000;

/** One short line per call: who failed, gateway or function, and how long it took. */
const ACCESS_LINE = {
  request_id: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  latency_ms: '$context.responseLatency',
  integration_status: '$context.integrationStatus',
  error: '$context.error.message',
} as const;

export interface HttpPlace {
  readonly team: string;
  readonly functions: Readonly<Record<FunctionName, IFunction>>;
}

/** The HTTP API with a route for each path of `FUNCTIONS`; `$default` goes to the fallback. */
export function createHttpApi(scope: Construct, { team, functions }: HttpPlace): HttpStage {
  const httpApi = new HttpApi(scope, 'Api', {
    apiName: `rungwise-${team}`,
    description: `Rungwise of team ${team}`,
    createDefaultStage: false,
    defaultIntegration: new HttpLambdaIntegration('fallback', functions.fallback),
  });
  for (const name of FUNCTION_NAMES) {
    const integration = new HttpLambdaIntegration(name, functions[name]);
    const { routes } = FUNCTIONS[name];
    for (const method of METHODS) {
      for (const path of routes[method] ?? []) {
        httpApi.addRoutes({ path, methods: [HttpMethod[method]], integration });
      }
    }
  }
  return new HttpStage(scope, 'Stage', {
    httpApi,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: RATE_PER_SECOND, burstLimit: BURST },
    accessLogSettings: {
      // API Gateway may write to groups of this prefix without a line for each in the account's one log policy.
      destination: new LogGroupLogDestination(
        createLogGroup(scope, 'AccessLog', `/aws/vendedlogs/rungwise/${team}/calls`),
      ),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LINE)),
    },
  });
}
