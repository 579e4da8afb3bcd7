import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { SignatureHeaders } from '../../../lib/events/webhooks/sign.ts';
import { createSecret, readSecret, signatureHeaders } from '../../../lib/events/webhooks/sign.ts';

const BODY = '{"type":"group.done","data":{"name":"Größe 😀"}}';

const sign = (secrets: readonly string[], at = Date.now()): SignatureHeaders =>
  signatureHeaders({ id: 'evt_1', at, body: BODY }, secrets);

test('the example of the specification gets its published signature', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    at: 1_614_265_330_000,
    body: '{"test": 2432232314}',
  };

  assert.deepEqual(signatureHeaders(message, [secret]), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

describe('a signature as the library of the specification sees it', () => {
  const secret = createSecret();

  test('verifies', () => {
    assert.deepEqual(new Webhook(secret).verify(BODY, { ...sign([secret]) }), JSON.parse(BODY));
  });

  test('verifies with either secret after a rotation, and with no other one', () => {
    const older = createSecret();
    const headers = sign([secret, older]);

    assert.equal(headers['webhook-signature'].split(' ').length, 2);
    for (const one of [secret, older]) new Webhook(one).verify(BODY, { ...headers });
    assert.throws(
      () => new Webhook(createSecret()).verify(BODY, { ...headers }),
      WebhookVerificationError,
    );
  });

  for (const [what, body, more] of [
    ['body', BODY.replace('done', 'gone'), {}],
    ['id', BODY, { 'webhook-id': 'evt_2' }],
    ['time', BODY, { 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) + 1) }],
  ] as const) {
    test(`does not verify once the ${what} was changed`, () => {
      const headers = { ...sign([secret], Date.now() - 60_000), ...more };

      assert.throws(() => new Webhook(secret).verify(body, headers), WebhookVerificationError);
    });
  }

  test('does not verify when it is sent again later', () => {
    const headers = sign([secret], Date.now() - 6 * 60_000);

    assert.throws(() => new Webhook(secret).verify(BODY, { ...headers }), /too old/);
  });

  test('is the same as its own, whatever is signed', () => {
    const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
    const body = fc.string({ unit: 'grapheme' });
    const at = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(bytes, body, at, (key, text, time) => {
        const whsec = `whsec_${Buffer.from(key).toString('base64')}`;
        const ours = signatureHeaders({ id: 'evt_1', at: time, body: text }, [whsec]);

        assert.equal(
          ours['webhook-signature'],
          new Webhook(whsec).sign('evt_1', new Date(time), text),
        );
      }),
    );
  });
});

describe('a secret', () => {
  test('that is new has 32 bytes, and no two are alike', () => {
    const [one, two] = [createSecret(), createSecret()];

    assert.match(one, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal(readSecret(one)?.length, 32);
    assert.notEqual(one, two);
  });

  test('has 24 to 64 bytes', () => {
    const read = (bytes: number): number | undefined =>
      readSecret(`whsec_${Buffer.alloc(bytes, 7).toString('base64')}`)?.length;

    assert.deepEqual([23, 24, 64, 65].map(read), [undefined, 24, 64, undefined]);
  });

  for (const text of [
    '',
    'whsec_',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS',
    'whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  ]) {
    test(`is not ${JSON.stringify(text)}, and nothing is signed with that`, () => {
      assert.equal(readSecret(text), null);
      assert.throws(() => sign([createSecret(), text]), /no secret/);
    });
  }

  test('is there whenever something is signed', () => {
    assert.throws(() => sign([]), /without any secret/);
  });
});
