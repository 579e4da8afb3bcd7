import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** What happens to one request on its way to the server. */
export type Mishap =
  /** DynamoDB refuses it with this error. */
  | { readonly kind: 'refused'; readonly status: number; readonly type: string }
  /** Something on the way answers in the server's place. */
  | { readonly kind: 'gateway' }
  /** The connection breaks before the server sees it. */
  | { readonly kind: 'cut' }
  /** The server does it, and the answer is lost. */
  | { readonly kind: 'unanswered' }
  /** Nobody answers. */
  | { readonly kind: 'silent' };

/** A way to a DynamoDB server on which a test can lose requests and answers. */
export interface FaultyServer {
  readonly endpoint: string;
  /** What happens to the next requests, in their order; those after them get through. */
  readonly next: (...mishaps: readonly Mishap[]) => void;
  /** What happens to every request from now on; null for nothing. */
  readonly always: (mishap: Mishap | null) => void;
  /** Operations of the requests that came, since the last call. */
  readonly seen: () => readonly string[];
  readonly stop: () => void;
}

const answerInstead: {
  readonly [K in Mishap['kind']]: (response: ServerResponse, mishap: Mishap & { kind: K }) => void;
} = {
  refused(response, { status, type }) {
    const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}` });
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
  },
  gateway: (response) => response.writeHead(503).end('<html>no backend</html>'),
  cut: (response) => response.destroy(),
  unanswered: (response) => response.destroy(),
  silent: () => {},
};

/** Puts a faulty way in front of the server at `target`. */
export async function startFaultyServer(target: string): Promise<FaultyServer> {
  let planned: Mishap[] = [];
  let lasting: Mishap | null = null;
  let seen: string[] = [];
  const instead = <K extends Mishap['kind']>(
    response: ServerResponse,
    mishap: Mishap & { kind: K },
  ): void => answerInstead[mishap.kind](response, mishap);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers['x-amz-target']);
    seen.push(operation.slice(operation.indexOf('.') + 1));
    const mishap = planned.shift() ?? lasting;
    if (mishap !== null && mishap.kind !== 'unanswered') return instead(response, mishap);
    const {
      host: _host,
      connection: _connection,
      'content-length': _length,
      ...headers
    } = request.headers;
    const answer = await fetch(target, {
      method: 'POST',
      headers: Object.entries(headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]),
      body: Buffer.concat(chunks),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (mishap !== null) return instead(response, mishap);
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    next: (...mishaps) => {
      planned = [...mishaps];
    },
    always: (mishap) => {
      lasting = mishap;
    },
    seen() {
      const operations = seen;
      seen = [];
      return operations;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
