import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as z from 'zod';
import { documentSchema } from '../../lib/contract/document-schema.ts';
import { parseYaml } from '../../lib/contract/yaml.ts';

const schema = z.toJSONSchema(documentSchema, { io: 'input' });
const validate = new Ajv2020({ strict: false }).compile(schema);

const folder = new URL('polyaxonfiles/', import.meta.url);

for (const file of readdirSync(folder)) {
  test(`the published schema describes ${file} of the Polyaxon documentation`, () => {
    const yaml = parseYaml(readFileSync(new URL(file, folder), 'utf8'));
    assert.ok(yaml.ok);

    assert.ok(validate(yaml.value), JSON.stringify(validate.errors));
  });
}

test('the published schema knows which keys there are', () => {
  const hptuning = { matrix: { lr: { values: [1] } } };
  const document = { version: 1, kind: 'group', hptuning };

  assert.ok(validate(document));
  assert.ok(!validate({ ...document, hptunning: {} }));
  assert.ok(!validate({ ...document, hptuning: { ...hptuning, concurency: 1 } }));
  assert.ok(!validate({ ...document, hptuning: { matrix: { lr: { valus: [1] } } } }));
  assert.ok(!validate({ ...document, version: 2 }));
});
