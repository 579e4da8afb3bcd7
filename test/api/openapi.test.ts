import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { FAULTS } from '../../lib/domain/faults.ts';
import type { OpenApi } from '../helpers/contract.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const GOLDEN = new URL('../golden/openapi.json', import.meta.url);

const { text } = await service.request('GET', '/v1/openapi.json');

test('the contract is what it always was', () => {
  const contract: OpenApi = JSON.parse(text);
  const info = { ...contract.info, version: 'of the service' };
  const actual = `${JSON.stringify({ ...contract, info }, null, 1)}\n`;
  if (process.env['RUNGWISE_UPDATE_GOLDENS'] === '1') writeFileSync(GOLDEN, actual);

  assert.equal(actual, readFileSync(GOLDEN, 'utf8'));
});

const { document } = service.contract;

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

test('the document is of OpenAPI 3.1, with title, version, description and license', () => {
  assert.match(document.openapi, /^3\.1\.\d$/);
  assert.match(document.info.version, /^\d+\.\d+\.\d+$/);
  for (const part of [document.info.title, document.info.description]) assert.notEqual(part, '');
  assert.notEqual(document.info.license, undefined);
});

test('every call of the contract is there, under a name of its own', () => {
  assert.deepEqual(
    operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).toSorted(),
    [
      'DELETE /v1/groups/{group}',
      'DELETE /v1/keys/{key}',
      'DELETE /v1/webhooks/{webhook}',
      'GET /v1/document-schema.json',
      'GET /v1/groups',
      'GET /v1/groups/{group}',
      'GET /v1/groups/{group}/columns',
      'GET /v1/groups/{group}/contour',
      'GET /v1/groups/{group}/curves',
      'GET /v1/groups/{group}/events',
      'GET /v1/groups/{group}/experiments',
      'GET /v1/groups/{group}/experiments/{number}',
      'GET /v1/groups/{group}/experiments/{number}/explanation',
      'GET /v1/groups/{group}/experiments/{number}/measurements',
      'GET /v1/groups/{group}/importance',
      'GET /v1/groups/{group}/rungs',
      'GET /v1/health',
      'GET /v1/keys',
      'GET /v1/openapi.json',
      'GET /v1/webhooks',
      'GET /v1/webhooks/{webhook}',
      'GET /v1/webhooks/{webhook}/deliveries',
      'PATCH /v1/webhooks/{webhook}',
      'POST /v1/groups',
      'POST /v1/groups/preview',
      'POST /v1/groups/{group}/experiments',
      'POST /v1/groups/{group}/experiments/{number}/release',
      'POST /v1/groups/{group}/experiments/{number}/report',
      'POST /v1/groups/{group}/resume',
      'POST /v1/groups/{group}/stop',
      'POST /v1/groups/{group}/suggest',
      'POST /v1/keys',
      'POST /v1/webhooks',
      'POST /v1/webhooks/{webhook}/deliveries/{delivery}/redeliver',
      'POST /v1/webhooks/{webhook}/recover',
      'POST /v1/webhooks/{webhook}/rotate-secret',
      'POST /v1/webhooks/{webhook}/test',
    ],
  );
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
});

test('every operation has a summary, described parameters and described answers', () => {
  for (const { operationId, summary, parameters = [], responses, path } of operations) {
    assert.notEqual(summary ?? '', '', operationId);
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = parameters.filter((parameter) => parameter.in === 'path');
    assert.deepEqual(
      described.map(({ name }) => name),
      named,
      operationId,
    );
    assert.ok(described.every(({ required }) => required === true));
    for (const { name, description } of parameters) {
      assert.notEqual(description ?? '', '', `${operationId} ${name}`);
    }
    for (const [status, { description }] of Object.entries(responses)) {
      assert.notEqual(description, '', `${operationId} ${status}`);
    }
  }
});

test('every operation tells how it is done, how it can be refused, and what else may come', () => {
  for (const { operationId, responses, method } of operations) {
    const statuses = Object.keys(responses);
    assert.equal(statuses.filter((status) => status.startsWith('2')).length, 1, operationId);
    assert.ok(statuses.includes('default'), operationId);
    for (const status of ['403', '422', '429', '500', '503']) {
      assert.ok(statuses.includes(status), `${operationId} ${status}`);
    }
    if (method !== 'post') continue;
    for (const status of ['400', '409', '413', '415']) {
      assert.ok(statuses.includes(status), `${operationId} ${status}`);
    }
  }
});

test('only health, the contract itself and the schema of a document are open to everybody', () => {
  const open = operations.filter(({ security }) => security.length === 0);

  assert.deepEqual(open.map(({ operationId }) => operationId).toSorted(), [
    'documentSchema',
    'health',
    'openapi',
  ]);
});

test('every code of a problem is explained, and every POST can be repeated under a key', () => {
  const explained: unknown = document['x-problems'];

  assert.deepEqual(explained, FAULTS);
  for (const { method, operationId, parameters = [] } of operations) {
    const takesKey = parameters.some(({ name }) => name === 'Idempotency-Key');
    assert.equal(takesKey, method === 'post', operationId);
  }
});

test('every schema of the document compiles, and every reference leads somewhere', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'openapi', false, false);
  const references = new Set([...text.matchAll(/"\$ref":"(#[^"]+)"/g)].map(([, ref]) => ref ?? ''));
  assert.ok(references.size > 20);

  for (const reference of references) {
    if (reference.startsWith('#/components/headers/')) {
      assert.ok(text.includes(`"${reference.slice('#/components/headers/'.length)}":`));
    } else {
      assert.ok(ajv.getSchema(`openapi${reference}`), reference);
    }
  }
});

test('patterns of the document need no reader that knows classes of Unicode', () => {
  for (const [, pattern = ''] of text.matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g)) {
    const source: string = JSON.parse(`"${pattern}"`);
    assert.doesNotMatch(source, /\\p\{/);
  }
});
