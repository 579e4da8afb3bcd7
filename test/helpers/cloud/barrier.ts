import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { freePort } from '../free-port.ts';

/** Stands before a server and lets its first callers go on together. */
export interface Barrier {
  readonly endpoint: string;
  /** Statuses of the answers so far. */
  readonly statuses: readonly number[];
  readonly stop: () => void;
}

/** Starts a server that hands every request on to the one at `endpoint`, the first `together` of them at once. */
export async function startBarrier(endpoint: string, together: number): Promise<Barrier> {
  const statuses: number[] = [];
  let isOpen = false;
  const waiting: (() => void)[] = [];
  const port = await freePort();
  const server = createServer((incoming, outgoing) => {
    const pass = (): void => {
      const { method = 'GET', url = '/', headers } = incoming;
      const onward = request(new URL(url, endpoint), { method, headers }, (answer) => {
        statuses.push(answer.statusCode ?? 502);
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    };
    if (isOpen) pass();
    else waiting.push(pass);
    if (waiting.length < together) return;
    isOpen = true;
    for (const go of waiting.splice(0)) go();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${port}`,
    statuses,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
