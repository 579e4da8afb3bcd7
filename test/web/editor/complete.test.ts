import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { documentSchema } from '../../../lib/contract/document-schema.ts';
import type { Offer } from '../../../web/editor/complete.ts';
import { completeAt } from '../../../web/editor/complete.ts';
import type { Schema } from '../../../web/editor/schema.ts';

const SCHEMA: Schema = JSON.parse(JSON.stringify(z.toJSONSchema(documentSchema, { io: 'input' })));

/** What is offered where the text has a `|`. */
function offersAt(text: string): readonly Offer[] {
  const offset = text.indexOf('|');
  return completeAt(text.replace('|', ''), offset, SCHEMA)?.options ?? [];
}

const labelsAt = (text: string): readonly string[] => offersAt(text).map(({ label }) => label);

const offerOf = (text: string, name: string): Offer => {
  const offer = offersAt(text).find(({ label }) => label === name);
  assert.ok(offer, `${name} is offered`);
  return offer;
};

test('at the top the keys of a document are offered that are not there yet', () => {
  const labels = labelsAt('version: 1\n|\nrun:\n  cmd: x\n');

  assert.ok(labels.includes('kind') && labels.includes('hptuning'));
  assert.ok(!labels.includes('version') && !labels.includes('run'));
});

test('a key says what it means, what it takes, and whether it is needed', () => {
  const { info, detail } = offerOf('hptuning:\n  |', 'concurrency');

  assert.match(info, /at once/);
  assert.equal(detail, 'integer');
  assert.equal(offerOf('hptuning:\n  |', 'matrix').detail, 'map, needed');
});

test('the algorithms and their fields are offered', () => {
  assert.ok(labelsAt('hptuning:\n  |').includes('hyperband'));
  assert.ok(labelsAt('hptuning:\n  hyperband:\n    |').includes('max_iter'));
});

test('every option of a parameter is offered, with its numbers to fill in', () => {
  const labels = labelsAt('hptuning:\n  matrix:\n    lr:\n      |');

  assert.equal(labels.length, 14);
  const uniform = offerOf('hptuning:\n  matrix:\n    lr:\n      |', 'uniform');
  assert.equal(uniform.template, `uniform: [\${low}, \${high}]`);
  assert.equal(uniform.detail, 'low, high');
});

test('in braces an option of a parameter stays on the line', () => {
  assert.equal(offerOf('hptuning:\n  matrix:\n    lr: {|', 'values').template, `values: [\${}]`);
  assert.equal(offerOf('hptuning: {|', 'matrix').template, `matrix: {\${}}`);
});

test('a map goes on in the next line, in an item of a list below its key', () => {
  assert.equal(offerOf('hptuning:\n  |', 'bo').template, `bo:\n\t\${}`);
  assert.equal(offerOf('hptuning:\n  |', 'early_stopping').template, `early_stopping:\n\t- \${}`);
});

test('the words of a field are offered as its value', () => {
  assert.deepEqual(labelsAt('kind: |'), ['group']);
  assert.deepEqual(labelsAt('version: |'), ['1']);
  assert.deepEqual(labelsAt('hptuning:\n  early_stopping:\n    - optimization: m|'), [
    'minimize',
    'maximize',
  ]);
  assert.deepEqual(labelsAt('hptuning:\n  retry_failed: |'), ['true', 'false']);
  assert.deepEqual(labelsAt('hptuning: {bo: {metric: {name: loss, optimization: |'), [
    'minimize',
    'maximize',
  ]);
});

test('what has been typed of a word is replaced', () => {
  assert.equal(completeAt('kind: gr', 8, SCHEMA)?.from, 6);
});

test('nothing is offered where anything can stand', () => {
  assert.deepEqual(labelsAt('hptuning:\n  matrix:\n    |'), []);
  assert.deepEqual(labelsAt('declarations:\n  |'), []);
  assert.deepEqual(labelsAt('name: |'), []);
  assert.deepEqual(labelsAt('nothing:\n  like: |'), []);
});

test('references and alternatives of a schema are followed, also one to itself', () => {
  const schema: Schema = {
    $defs: { Node: { anyOf: [{ $ref: '#/$defs/Node' }, { properties: { a: { const: 'x' } } }] } },
    properties: { node: { $ref: '#/$defs/Node' } },
  };

  assert.deepEqual(
    completeAt('node:\n  ', 8, schema)
      ?.options.map(({ label }) => label)
      .slice(0, 1),
    ['a'],
  );
  assert.equal(completeAt('node:\n  a: ', 11, schema)?.options[0]?.label, 'x');
});

test('in the braces of a command the names are offered that it can use', () => {
  const text = `declarations: {batch: 1}
hptuning:
  hyperband: {resource: {name: epochs, type: int}}
  matrix:
    lr: {values: [1]}
run:
  cmd: train
    --lr={{ |`;

  assert.deepEqual(labelsAt(text), ['lr', 'batch', 'epochs']);
  assert.equal(offerOf(text, 'lr').template, 'lr }}');
  assert.equal(offerOf(`${text} }}`, 'lr').template, 'lr');
  assert.deepEqual(labelsAt('run:\n  cmd: {{ |'), []);
});
