// The part of a Lambda environment that belongs to Node: node test/helpers/cloud/runtime.ts FILE. Asks the Runtime API
// for one call after the other, and hands each to the function `handler` that FILE exports.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Context } from 'aws-lambda';

const file = process.argv[2] ?? '';
const address = process.env['AWS_LAMBDA_RUNTIME_API'] ?? '';
const invocations = `http://${address}/2018-06-01/runtime/invocation`;

interface Loaded {
  readonly handler: (
    event: unknown,
    context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>,
  ) => Promise<unknown>;
}

const { handler }: Loaded = await import(file);

/** What the Runtime API is told of an exception. */
const describe = (error: unknown): object =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] }
    : { errorType: 'Error', errorMessage: String(error), trace: [] };

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${invocations}/${path}`, { method: 'POST', body: JSON.stringify(body) ?? 'null' });

/** Waits for the next call, however long: `fetch` would give up after five minutes. */
async function nextCall(): Promise<{
  readonly id: string;
  readonly deadlineMs: number;
  readonly event: unknown;
}> {
  const [answer]: IncomingMessage[] = await once(get(`${invocations}/next`), 'response');
  if (answer === undefined) throw new Error('the Runtime API has not answered');
  return {
    id: String(answer.headers['lambda-runtime-aws-request-id']),
    deadlineMs: Number(answer.headers['lambda-runtime-deadline-ms']),
    event: JSON.parse(await text(answer)),
  };
}

for (;;) {
  const { id, deadlineMs, event } = await nextCall();
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => deadlineMs - Date.now() };
  try {
    await post(`${id}/response`, await handler(event, context));
  } catch (error) {
    await post(`${id}/error`, describe(error));
  }
}
