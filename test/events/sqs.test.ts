import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { after, describe, test } from 'node:test';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { QueueDoesNotExist, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Json } from '../../lib/domain/values.ts';
import { QUEUE_LIMITS } from '../../lib/events/queue.ts';
import { createSqsQueue, QueueUnavailable } from '../../lib/events/sqs.ts';
import { queueContract } from '../contracts/queue.ts';
import { openFauxqs } from '../helpers/fauxqs.ts';
import type { QueueUrls } from '../helpers/sqs.ts';
import { createQueue, emulatorClient, openSqsQueue } from '../helpers/sqs.ts';

const server = await openFauxqs();
const client = server.client();
after(() => server.stop());

queueContract('SQS (fauxqs)', {
  open: (maxReceives) => openSqsQueue(client, maxReceives, server.pass),
  histories: 30,
});

const MAX_RECEIVES = 2;
const receive = { max: 10, visibilitySeconds: 30 };

let queues = 0;
const newQueue = (): Promise<QueueUrls> => createQueue(client, `own-${++queues}`, MAX_RECEIVES);

interface Batch {
  readonly QueueUrl: string;
  readonly Entries: readonly { readonly Id: string; readonly MessageBody: string }[];
}

interface Gate {
  readonly client: SQSClient;
  /** The bodies of each batch that was sent through the gate. */
  readonly batches: (readonly string[])[];
}

/** Stands before the server, and refuses for now what `refuses` says of the batch with this number, from 1. */
async function openGate(
  t: TestContext,
  refuses: (body: string, batch: number) => boolean,
): Promise<Gate> {
  const batches: (readonly string[])[] = [];
  const forward = async (batch: Batch): Promise<object> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
    };
    const body = JSON.stringify(batch);
    const answer = await fetch(server.endpoint, { method: 'POST', headers, body });
    return JSON.parse(await answer.text());
  };
  const gate = createServer(async (request, response) => {
    const { QueueUrl, Entries }: Batch = JSON.parse(await text(request));
    batches.push(Entries.map(({ MessageBody }) => MessageBody));
    const kept = Entries.filter(({ MessageBody }) => !refuses(MessageBody, batches.length));
    const taken: object = kept.length === 0 ? {} : await forward({ QueueUrl, Entries: kept });
    const Failed = Entries.filter((entry) => !kept.includes(entry)).map(({ Id }) => ({
      Id,
      Code: 'RequestThrottled',
      SenderFault: false,
    }));
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ ...taken, Failed }));
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const address = gate.address();
  assert.ok(typeof address === 'object' && address !== null);
  const through = emulatorClient(`http://127.0.0.1:${address.port}`);
  t.after(() => {
    through.destroy();
    gate.close();
  });
  return { client: through, batches };
}

const bodiesIn = async (urls: QueueUrls): Promise<readonly Json[]> => {
  const queue = createSqsQueue(client, { ...urls, waitSeconds: 0 });
  const bodies: Json[] = [];
  for (;;) {
    const messages = await queue.receive(receive);
    if (messages.length === 0) return bodies.sort();
    bodies.push(...messages.map(({ body }) => body));
  }
};

const outgoing = (bodies: readonly Json[]) => bodies.map((body) => ({ body }));

describe('the queue on SQS', () => {
  test('sends what was refused again, and nothing twice', async (t) => {
    const urls = await newQueue();
    const gate = await openGate(t, (body, batch) => batch === 1 && /[24]/.test(body));

    await createSqsQueue(gate.client, urls).send(outgoing([1, 2, 3, 4]));

    assert.deepEqual(gate.batches, [
      ['1', '2', '3', '4'],
      ['2', '4'],
    ]);
    assert.deepEqual(await bodiesIn(urls), [1, 2, 3, 4]);
  });

  test('throws where something is refused every time', async (t) => {
    const urls = await newQueue();
    const gate = await openGate(t, (body) => body === '2');

    await assert.rejects(
      createSqsQueue(gate.client, urls).send(outgoing([1, 2, 3])),
      (error: unknown) => error instanceof QueueUnavailable && /RequestThrottled/.test(`${error}`),
    );

    assert.deepEqual(await bodiesIn(urls), [1, 3]);
  });

  test('sends no more in one call than it takes', async (t) => {
    const urls = await newQueue();
    const gate = await openGate(t, () => false);
    const third = 'x'.repeat(100 * 1024);

    await createSqsQueue(gate.client, urls).send(
      outgoing([third, third, third, ...Array.from({ length: 12 }, (_, index) => index)]),
    );

    assert.deepEqual(
      gate.batches.map((bodies) => bodies.length),
      [2, 10, 3],
    );
    const bytes = gate.batches.map((bodies) => bodies.join('').length);
    assert.ok(Math.max(...bytes) <= QUEUE_LIMITS.bodyBytes, String(bytes));
  });

  test('counts the escapes that a body needs, and refuses what is too long with its batch', async () => {
    const urls = await newQueue();
    const queue = createSqsQueue(client, { ...urls, waitSeconds: 0 });
    // Three bytes of JSON a character, six with the escape.
    const long = '\uffff'.repeat(Math.ceil(QUEUE_LIMITS.bodyBytes / 6));

    await assert.rejects(
      queue.send(outgoing(['beside it', long])),
      /the body of message 1 is 262148 bytes with its escapes/,
    );

    assert.deepEqual(await bodiesIn(urls), []);
  });

  test('passes over receipts that were never given', async () => {
    const queue = createSqsQueue(client, { ...(await newQueue()), waitSeconds: 0 });

    await queue.remove(['never given']);
    await queue.retry('never given', 5);
  });

  test('never receives a message that somebody else sent and that is no JSON', async () => {
    const urls = await newQueue();
    const queue = createSqsQueue(client, { ...urls, waitSeconds: 0 });
    await client.send(new SendMessageCommand({ QueueUrl: urls.queueUrl, MessageBody: 'hello' }));
    await queue.send(outgoing([1]));

    const messages = await queue.receive(receive);

    assert.deepEqual(
      messages.map(({ body }) => body),
      [1],
    );
  });

  test('tells when a dead letter was sent', async () => {
    const queue = createSqsQueue(client, { ...(await newQueue()), waitSeconds: 0 });
    const sentAt = Date.now();
    await queue.send(outgoing([1]));
    for (let receives = 0; receives <= MAX_RECEIVES; receives++) {
      await server.pass(30);
      await queue.receive(receive);
    }

    const letters = await queue.deadLetters(10);

    assert.deepEqual(
      letters.map((letter) => [letter.body, letter.sentAt]),
      [[1, sentAt]],
    );
  });

  test('throws what the SDK throws where there is no such queue', async () => {
    const queueUrl = `${server.endpoint}/000000000000/nowhere`;
    const queue = createSqsQueue(client, { queueUrl });

    await assert.rejects(queue.send(outgoing([1])), QueueDoesNotExist);
    await assert.rejects(queue.receive(receive), QueueDoesNotExist);
    await assert.rejects(queue.deadLetters(1), /made with the URL of its dead letters/);
  });
});
