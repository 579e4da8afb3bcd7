import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { freePort } from './free-port.ts';

/** Stands before a server and counts what it is asked. */
export interface CountingProxy {
  readonly endpoint: string;
  readonly count: () => number;
  readonly stop: () => void;
}

/** Starts a proxy that hands every request on to the server at `endpoint`. */
export async function startCountingProxy(endpoint: string): Promise<CountingProxy> {
  let requests = 0;
  const port = await freePort();
  const server = createServer((incoming, outgoing) => {
    requests++;
    const { method = 'GET', url = '/', headers } = incoming;
    const onward = request(new URL(url, endpoint), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${port}`,
    count: () => requests,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
