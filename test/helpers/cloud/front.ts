import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createRouter, sendResult, toEvent } from '../../../cli/api-gateway.ts';
import type { FunctionName } from '../../../infra/functions.ts';
import { FUNCTION_NAMES, FUNCTIONS, METHODS } from '../../../infra/functions.ts';
import { freePort } from '../free-port.ts';
import type { Lambda } from './lambda.ts';

/** An HTTP API in front of the functions. */
export interface Front {
  readonly url: string;
  /** Calls that ended without an answer of the function: API Gateway tells the caller nothing but "500". */
  readonly failures: readonly unknown[];
  readonly stop: () => void;
}

const route = createRouter<FunctionName>(
  FUNCTION_NAMES.flatMap((target) =>
    METHODS.flatMap((method) =>
      (FUNCTIONS[target].routes[method] ?? []).map((path) => ({ method, path, target })),
    ),
  ),
  'fallback',
);

async function answer(
  lambda: Lambda,
  request: IncomingMessage,
): Promise<APIGatewayProxyStructuredResultV2> {
  const url = new URL(request.url ?? '/', 'http://front');
  const routed = route(request.method ?? 'GET', url.pathname);
  const bytes = await buffer(request);
  const event = toEvent(request, routed, { url, bytes, requestId: randomUUID() });
  const result: APIGatewayProxyStructuredResultV2 = Object(
    await lambda.invoke(routed.target, event),
  );
  return result;
}

/** Starts an HTTP API with the routes of the stack. */
export async function startFront(lambda: Lambda): Promise<Front> {
  const failures: unknown[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(lambda, request).then(
      (result) => sendResult(response, result),
      (error: unknown) => {
        failures.push(error);
        sendResult(response, { statusCode: 500, body: '{"message":"Internal Server Error"}' });
      },
    );
  };
  const port = await freePort();
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    failures,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
