import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';

/*
 * A real endpoint for webhooks: an HTTP server on loopback that keeps what it was sent.
 */

/** What was sent to an endpoint. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What an endpoint is told of an event. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly group: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Answers one request. */
export type Respond = (response: ServerResponse, received: Received) => void;

export interface Endpoint {
  readonly url: string;
  readonly received: readonly Received[];
  /** Sets how it answers from now on. */
  readonly answer: (respond: Respond) => void;
  /** Resolves once so many requests have come in all. */
  readonly count: (requests: number) => Promise<readonly Received[]>;
}

/** Answers with a status and no body. */
export const withStatus =
  (status: number): Respond =>
  (response) => {
    response.writeHead(status).end();
  };

/** The event that was sent. */
export const eventIn = ({ body }: Received): ReceivedEvent => {
  const event: ReceivedEvent = JSON.parse(body);
  return event;
};

/** Verifies a request as the published libraries do, on the clock at which it was sent. Throws where it is not signed. */
export function verify({ headers, body }: Received, secret: string | null): void {
  const sent = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, `${value}`]));
  new Webhook(secret ?? '').verify(body, sent);
}

/** Starts an endpoint that answers 204 until it is told otherwise; it ends with the test. */
export async function startEndpoint(t: TestContext): Promise<Endpoint> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let respond = withStatus(204);
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const one = { path, headers, body: Buffer.concat(parts).toString() };
      received.push(one);
      respond(response, one);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer(how) {
      respond = how;
    },
    count: (requests) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length < requests) return;
          waiting.delete(look);
          resolve(received);
        };
        waiting.add(look);
        look();
      }),
  };
}
