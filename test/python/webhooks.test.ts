import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { SignatureHeaders } from '../../lib/events/webhooks/sign.ts';
import { createSecret, signatureHeaders } from '../../lib/events/webhooks/sign.ts';
import type { Environment } from '../helpers/python.ts';
import { createEnvironment, pythonMissing } from '../helpers/python.ts';

const PACKAGE = 'standardwebhooks==1.1.0';
const run = promisify(execFile);

/** Verifies the call in its argument; prints what was in the body, or why it is refused. */
const VERIFY = `
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError
call = json.loads(sys.argv[1])
try:
    print(json.dumps(Webhook(call["secret"]).verify(call["body"].encode(), call["headers"])))
except WebhookVerificationError as error:
    print(f"refused: {error}")
`;

describe('a signature as the Python library of the specification sees it', {
  skip: pythonMissing,
}, () => {
  let environment: Environment;
  before(async () => {
    environment = await createEnvironment();
    await environment.pip('install', '--quiet', '--no-deps', PACKAGE);
  });
  after(() => environment.remove());

  const body = '{"type": "group.done", "name": "Größe 😀"}';
  const [newer, older] = [createSecret(), createSecret()];

  async function verify(call: {
    readonly secret: string;
    readonly body: string;
    readonly headers: SignatureHeaders;
  }): Promise<string> {
    const { stdout } = await run(environment.python, ['-c', VERIFY, JSON.stringify(call)]);
    return stdout.trim();
  }
  const sign = (at = Date.now()): SignatureHeaders =>
    signatureHeaders({ id: 'evt_1', at, body }, [newer, older]);

  test('verifies with either secret after a rotation', async () => {
    for (const secret of [newer, older]) {
      const printed = await verify({ secret, body, headers: sign() });

      assert.deepEqual(JSON.parse(printed), JSON.parse(body));
    }
  });

  test('does not verify with any other secret', async () => {
    const printed = await verify({ secret: createSecret(), body, headers: sign() });

    assert.equal(printed, 'refused: No matching signature found');
  });

  for (const [what, changed, more] of [
    ['body', body.replace('done', 'gone'), {}],
    ['id', body, { 'webhook-id': 'evt_2' }],
    ['time', body, { 'webhook-timestamp': String(Math.floor(Date.now() / 1_000)) }],
  ] as const) {
    test(`does not verify once the ${what} was changed`, async () => {
      const headers = { ...sign(Date.now() - 60_000), ...more };

      const printed = await verify({ secret: newer, body: changed, headers });

      assert.equal(printed, 'refused: No matching signature found');
    });
  }

  test('does not verify when it is sent again later', async () => {
    const printed = await verify({ secret: newer, body, headers: sign(Date.now() - 6 * 60_000) });

    assert.equal(printed, 'refused: Message timestamp too old');
  });
});
