import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { after, before, describe, test } from 'node:test';
import { setDefaultCACertificates, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { isIpAddress } from '../../../lib/domain/webhook-address.ts';
import { hostOf } from '../../../lib/domain/webhook-url.ts';
import type { Resolver } from '../../../lib/events/webhooks/resolve.ts';
import { systemResolver } from '../../../lib/events/webhooks/resolve.ts';
import { sendWebhook } from '../../../lib/events/webhooks/send.ts';
import type { Authority, Certificate } from '../../helpers/certificates.ts';
import { certificatesMissing, createAuthority } from '../../helpers/certificates.ts';
import { recordConnections } from '../../helpers/connections.ts';
import { freePort } from '../../helpers/free-port.ts';
import { URLS } from './urls.ts';

const CLOUD = { allowPrivate: false };
const LAPTOP = { allowPrivate: true };
const MESSAGE = {
  headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' },
  body: '{"ö":1}',
};
const HOST = 'hooks.example.com';
/** For what is over only when the time is up. */
const SHORT_MS = 200;

/** A resolver that gives the same answer every time, and counts. */
function resolver(...addresses: readonly string[]): { readonly ask: Resolver; asked: number } {
  const counting = {
    asked: 0,
    ask: async () => {
      counting.asked++;
      return addresses;
    },
  };
  return counting;
}
const here = resolver('127.0.0.1').ask;

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    // Clients of these tests hang up in the middle.
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

const listenHttp = async (t: TestContext, answer: RequestListener): Promise<string> =>
  `http://${HOST}:${await listen(t, createHttpServer(answer))}/hook`;

/** A server that answers every connection with the same bytes, whatever it is asked. */
const listenRaw = async (t: TestContext, use: (socket: Socket) => void): Promise<string> =>
  `http://${HOST}:${await listen(t, createTcpServer(use))}/hook`;

describe('a URL to which nothing may be sent', () => {
  test('meets neither DNS nor the network, in every spelling', async (t) => {
    const connections = recordConnections(t);
    for (const { url, verdict } of URLS) {
      for (const policy of [CLOUD, LAPTOP]) {
        if (verdict === 'everywhere' || (policy.allowPrivate && verdict === 'laptop')) continue;
        const dns = resolver('127.0.0.1');

        const sent = await sendWebhook({ url, ...MESSAGE }, policy, dns.ask);

        assert.equal(sent.kind, 'refused', url);
        assert.equal(dns.asked, 0, url);
      }
    }
    assert.deepEqual(connections.attempts(), []);
    assert.equal(connections.lookups(), 0);
  });

  test('meets no network where its host is allowed and resolves to what is not', async (t) => {
    const connections = recordConnections(t);
    const names = URLS.filter(
      ({ url, verdict }) => verdict === 'everywhere' && !isIpAddress(hostOf(new URL(url))),
    );
    assert.ok(names.length >= 20);
    for (const { url } of names) {
      for (const address of [
        '10.0.0.1',
        '169.254.169.254',
        '::1',
        '::ffff:127.0.0.1',
        'fe80::1%1',
      ]) {
        const sent = await sendWebhook({ url, ...MESSAGE }, CLOUD, resolver(address, address).ask);

        assert.ok(sent.kind === 'refused' && sent.reason.startsWith(`${address} is `), url);
      }
    }
    assert.deepEqual(connections.attempts(), []);
    assert.equal(connections.lookups(), 0);
  });

  test('meets no network on a laptop either where its host resolves to metadata', async (t) => {
    const connections = recordConnections(t);
    for (const address of [
      '169.254.169.254',
      'fd00:ec2::254',
      '100.100.100.200',
      '64:ff9b::a9fe:a9fe',
    ]) {
      const url = 'http://anything/latest/meta-data';

      const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, resolver(address).ask);

      assert.ok(sent.kind === 'refused' && sent.reason.includes('metadata'));
    }
    assert.deepEqual(connections.attempts(), []);
  });
});

describe('the address of a connection', () => {
  test('is the one that was checked, though the next lookup would give another', async (t) => {
    const url = await listenHttp(t, (_request, response) => response.end());
    const connections = recordConnections(t);
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    let asked = 0;

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, async () => answers[asked++] ?? []);

    assert.equal(sent.kind, 'answered');
    assert.equal(asked, 1);
    assert.deepEqual(connections.attempts(), ['127.0.0.1']);
    assert.equal(connections.lookups(), 0);
  });

  test('is never a forbidden one that comes along with an allowed one', async (t) => {
    const url = await listenHttp(t, (_request, response) => response.end());
    const connections = recordConnections(t);
    const dns = resolver('169.254.169.254', 'fe80::1', '127.0.0.1', 'fd00:ec2::254');

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, dns.ask);

    assert.equal(sent.kind, 'answered');
    assert.deepEqual(connections.attempts(), ['127.0.0.1']);
  });

  test('is never a forbidden one when nobody listens at the allowed one', async (t) => {
    const connections = recordConnections(t);
    const url = `http://${HOST}:${await freePort()}/`;
    const dns = resolver('169.254.169.254', '127.0.0.1', '0.0.0.0');

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, dns.ask);

    assert.deepEqual(sent, { kind: 'failed', reason: 'nobody listens at the port (ECONNREFUSED)' });
    assert.deepEqual(connections.attempts(), ['127.0.0.1']);
  });

  test('is another one of the host where the first does not answer', async (t) => {
    const url = await listenHttp(t, (_request, response) => response.end());
    const connections = recordConnections(t);

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, resolver('::1', '127.0.0.1').ask);

    assert.equal(sent.kind, 'answered');
    assert.deepEqual(connections.attempts(), ['::1', '127.0.0.1']);
  });

  test('is one of the first four of IPv6 and of IPv4, however many the host has', async (t) => {
    const connections = recordConnections(t);
    const url = `http://${HOST}:${await freePort()}/`;
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    const dns = resolver(
      ...numbers.map((number) => `::ffff:127.0.0.${number}`),
      ...numbers.map((number) => `127.0.0.${number}`),
    );

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, dns.ask);

    assert.equal(sent.kind, 'failed');
    const first = numbers.slice(0, 4);
    assert.deepEqual(
      connections.attempts(),
      first.flatMap((number) => [`::ffff:127.0.0.${number}`, `127.0.0.${number}`]),
    );
  });

  test('is the host itself where that is an address, of IPv6 as well', async (t) => {
    const connections = recordConnections(t);
    const port = await freePort();
    for (const host of ['[::1]', '127.1']) {
      const dns = resolver('127.0.0.2');

      const sent = await sendWebhook(
        { url: `http://${host}:${port}/`, ...MESSAGE },
        LAPTOP,
        dns.ask,
      );

      assert.equal(sent.kind, 'failed');
      assert.equal(dns.asked, 0);
    }
    assert.deepEqual(connections.attempts(), ['::1', '127.0.0.1']);
  });

  test('may come from the system', async (t) => {
    const url = (await listenHttp(t, (_request, response) => response.end())).replace(
      HOST,
      'localhost',
    );

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, systemResolver);

    assert.equal(sent.kind, 'answered');
  });

  test('is no proxy of the environment', async (t) => {
    const seen: string[] = [];
    const record =
      (name: string): RequestListener =>
      (_request, response) => {
        seen.push(name);
        response.end();
      };
    const port = await listen(t, createHttpServer(record('endpoint')));
    const proxy = `http://127.0.0.1:${await listen(t, createHttpServer(record('proxy')))}`;
    const url = `http://127.0.0.1:${port}/`;
    const module = new URL('../../../lib/events/webhooks/send.ts', import.meta.url).href;
    const script = `
      import { once } from 'node:events';
      import { get } from 'node:http';
      import { sendWebhook } from ${JSON.stringify(module)};
      const url = ${JSON.stringify(url)};
      // The environment does have its effect on others.
      const [other] = await once(get(url), 'response');
      other.resume();
      const sent = await sendWebhook({ url, headers: {}, body: '' }, { allowPrivate: true }, async () => []);
      console.log(sent.kind);`;
    const { NO_PROXY: _upper, no_proxy: _lower, ...rest } = process.env;
    const env = { ...rest, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy };

    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { env },
    );

    assert.equal(stdout, 'answered\n');
    assert.deepEqual(seen, ['proxy', 'endpoint']);
  });
});

/** What a webhook looks like where it arrives. */
interface Arrived {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly servername: string | false | null | undefined;
}

describe('a webhook over https', { skip: certificatesMissing }, () => {
  let authority: Authority;
  let good: Certificate;
  before(() => {
    authority = createAuthority();
    good = authority.issue(`DNS:${HOST},IP:127.0.0.1`);
    setDefaultCACertificates([authority.cert]);
  });
  after(() => authority.close());

  async function listenHttps(
    t: TestContext,
    certificate: Certificate,
  ): Promise<{ readonly port: number; readonly arrived: readonly Arrived[] }> {
    const arrived: Arrived[] = [];
    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { socket, method, url, headers } = request;
      arrived.push({
        line: `${method} ${url}`,
        headers,
        body: await text(request),
        servername: socket instanceof TLSSocket ? socket.servername : null,
      });
      response.end('thank you');
    }
    const { cert, key } = certificate;
    const server = createHttpsServer({ cert, key }, (request, response) => {
      void answer(request, response);
    });
    return { port: await listen(t, server), arrived };
  }

  test('arrives as it is, on a connection of its own, and its answer comes back', async (t) => {
    const { port, arrived } = await listenHttps(t, good);
    const url = `https://${HOST}:${port}/hook?x=1`;

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, here);

    assert.ok(sent.kind === 'answered' && sent.ms >= 0);
    assert.deepEqual(
      { ...sent, ms: 0 },
      { kind: 'answered', status: 200, ms: 0, body: 'thank you' },
    );
    assert.deepEqual(arrived, [
      {
        line: 'POST /hook?x=1',
        headers: {
          'content-type': 'application/json',
          'webhook-id': 'evt_1',
          'content-length': '8',
          host: `${HOST}:${port}`,
          connection: 'close',
        },
        body: MESSAGE.body,
        servername: HOST,
      },
    ]);
  });

  test('arrives at an address that the certificate names, and at a name with a dot at its end', async (t) => {
    const { port, arrived } = await listenHttps(t, good);
    for (const host of ['127.0.0.1', `${HOST}.`]) {
      const sent = await sendWebhook({ url: `https://${host}:${port}/`, ...MESSAGE }, LAPTOP, here);

      assert.equal(sent.kind, 'answered', JSON.stringify(sent));
    }
    assert.deepEqual(
      arrived.map(({ servername }) => servername),
      [false, HOST],
    );
  });

  for (const [what, certificate, reason] of [
    ['for another name', () => authority.issue('DNS:other.example.com'), /for another name/],
    ['signed by nobody', () => authority.selfSigned(`DNS:${HOST}`), /has signed the certificate/],
  ] as const) {
    test(`is not sent where the certificate is ${what}, whatever the environment says`, async (t) => {
      const { port, arrived } = await listenHttps(t, certificate());
      const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
      t.after(() => {
        if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
        else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      });
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';

      const sent = await sendWebhook({ url: `https://${HOST}:${port}/`, ...MESSAGE }, LAPTOP, here);

      assert.ok(sent.kind === 'failed');
      assert.match(sent.reason, reason);
      assert.deepEqual(arrived, []);
    });
  }
});

describe('the answer to a webhook', () => {
  for (const status of [200, 204, 400, 410, 500, 503]) {
    test(`of status ${status} comes back`, async (t) => {
      const url = await listenHttp(t, (_request, response) => response.writeHead(status).end());

      const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, here);

      assert.ok(sent.kind === 'answered' && sent.status === status);
    });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`of status ${status} is not followed`, async (t) => {
      const seen: (string | undefined)[] = [];
      const url = await listenHttp(t, (request, response) => {
        seen.push(request.url);
        response.writeHead(status, { location: '/elsewhere' }).end('moved');
      });

      const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, here);

      assert.ok(sent.kind === 'answered' && sent.status === status && sent.body === 'moved');
      assert.deepEqual(seen, ['/hook']);
    });
  }

  for (const [body, read] of [
    ['x'.repeat(4_096), 'x'.repeat(4_096)],
    ['x'.repeat(4_097), 'x'.repeat(4_096)],
    [`${'x'.repeat(4_095)}é`, 'x'.repeat(4_095)],
    [`${'x'.repeat(4_094)}é!`, `${'x'.repeat(4_094)}é`],
  ] as const) {
    test(`with a body of ${Buffer.byteLength(body)} bytes is read to ${Buffer.byteLength(read)}`, async (t) => {
      const url = await listenHttp(t, (_request, response) => response.end(body));

      const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, here);

      assert.ok(sent.kind === 'answered' && sent.body === read);
    });
  }

  test('that has no end is cut off, and its connection closed', async (t) => {
    let closed: Promise<unknown> | undefined;
    const url = await listenHttp(t, (_request, response) => {
      closed = once(response, 'close');
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1_000)));
      };
      response.on('drain', more);
      more();
    });

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, here);

    assert.ok(sent.kind === 'answered' && sent.body === 'x'.repeat(4_096));
    await closed;
  });

  test('after "Continue" and "Early Hints" is the one that counts', async (t) => {
    const url = await listenRaw(t, (socket) =>
      socket.write(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n',
      ),
    );

    const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, here);

    assert.ok(sent.kind === 'answered' && sent.status === 202);
  });

  const BROKEN: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
    ['that is a reset connection', (socket) => socket.resetAndDestroy(), /closed before/],
    ['that is a closed connection', (socket) => socket.destroy(), /closed before/],
    [
      'that breaks off in the middle',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'),
      /closed before/,
    ],
    ['that is no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), /no proper HTTP \(HPE_/],
    [
      'with headers of a megabyte',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(2 ** 20)}\r\n\r\n`),
      /no proper HTTP \(HPE_HEADER_OVERFLOW\)/,
    ],
    [
      'that switches to another protocol',
      (socket) =>
        socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      /the connection/,
    ],
  ];
  for (const [what, use, reason] of BROKEN) {
    test(`${what} is a failure`, async (t) => {
      const url = await listenRaw(t, (socket) => socket.once('data', () => use(socket)));

      const sent = await sendWebhook({ url, ...MESSAGE }, LAPTOP, here);

      assert.ok(sent.kind === 'failed', JSON.stringify(sent));
      assert.match(sent.reason, reason);
    });
  }

  const SLOW: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['never comes', () => {}],
    [
      'stops after its head',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'),
    ],
    [
      'only ever says "Continue"',
      (socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 10);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    [
      'drips',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => clearInterval(timer));
      },
    ],
  ];
  for (const [what, use] of SLOW) {
    test(`that ${what} is a failure once the time is up, and its connection is closed`, async (t) => {
      let closed: Promise<unknown> | undefined;
      const url = await listenRaw(t, (socket) => {
        closed = new Promise((resolve) => socket.once('close', resolve));
        socket.once('data', () => use(socket));
      });

      const sent = await sendWebhook({ url, ...MESSAGE, timeoutMs: SHORT_MS }, LAPTOP, here);

      assert.deepEqual(sent, { kind: 'failed', reason: 'the answer was not complete after 0.2 s' });
      await closed;
    });
  }

  test('that waits for TLS with who speaks none is a failure once the time is up', async (t) => {
    const url = (await listenRaw(t, () => {})).replace('http:', 'https:');

    const sent = await sendWebhook({ url, ...MESSAGE, timeoutMs: SHORT_MS }, LAPTOP, here);

    assert.deepEqual(sent, { kind: 'failed', reason: 'the answer was not complete after 0.2 s' });
  });
});

describe('a host', () => {
  const url = `https://${HOST}/`;

  test('whose lookup takes too long is a failure once the time is up', async (t) => {
    const connections = recordConnections(t);
    let answer: (addresses: readonly string[]) => void = () => {};
    const late = new Promise<readonly string[]>((resolve) => {
      answer = resolve;
    });

    const sent = await sendWebhook({ url, ...MESSAGE, timeoutMs: SHORT_MS }, LAPTOP, () => late);
    answer(['127.0.0.1']);
    await late;

    assert.deepEqual(sent, { kind: 'failed', reason: 'the answer was not complete after 0.2 s' });
    assert.deepEqual(connections.attempts(), []);
  });

  test('without any address is a failure, not a refusal: it may get one', async () => {
    const unknown: Resolver = async () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    };

    assert.deepEqual(await sendWebhook({ url, ...MESSAGE }, CLOUD, unknown), {
      kind: 'failed',
      reason: 'the host has no address (ENOTFOUND)',
    });
    assert.deepEqual(await sendWebhook({ url, ...MESSAGE }, CLOUD, resolver().ask), {
      kind: 'failed',
      reason: 'the host has no address',
    });
  });
});
