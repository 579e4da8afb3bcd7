import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawAnswer } from './contract.ts';

/** How long a server may take to answer bytes that nobody should send, ms. */
const PATIENCE_MS = 10_000;

const HEAD_END = '\r\n\r\n';

/** The first answer in what a server wrote to a connection, or null where it wrote none. */
function parse(received: Buffer): RawAnswer | null {
  const headEnd = received.indexOf(HEAD_END);
  const [statusLine = '', ...lines] = received.subarray(0, headEnd).toString().split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1];
  if (headEnd < 0 || status === undefined) return null;
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const start = headEnd + HEAD_END.length;
  // "Continue" is not the answer yet.
  if (status === '100') return parse(received.subarray(start));
  const text = received.subarray(start, start + Number(headers.get('content-length') ?? 0));
  return { status: Number(status), headers, text: text.toString() };
}

/**
 * Writes bytes to a server as they are, and returns its first answer, or null where it hung up without one.
 */
export async function sendBytes(
  url: string,
  bytes: string | Uint8Array,
): Promise<RawAnswer | null> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  // A server may hang up on garbage: what counts is what it said before.
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  socket.on('end', () => socket.end());
  socket.end(bytes);
  await Promise.race([closed, sleep(PATIENCE_MS, null, { ref: false })]);
  socket.destroy();
  return parse(Buffer.concat(parts));
}

/** An HTTP/1.1 request as text, which asks the server to hang up after its answer. */
export const requestText = (
  line: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): string =>
  [
    line,
    ...Object.entries({ connection: 'close', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '',
    body,
  ].join('\r\n');
