import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { FINDINGS } from '../../infra/nag.ts';
import { stringsIn, templateOf, templatesOf } from './synth.ts';

const GOLDEN = join(dirname(import.meta.dirname), 'golden', 'template.json');

/** Names that count within a resource of the stack only: AWS has its own by which alarms ask for metrics. */
const WITHIN_ANOTHER = [
  'AWS::ApiGatewayV2::Stage StageName',
  'AWS::CloudWatch::Alarm MetricName',
  'AWS::IAM::Policy PolicyName',
];

describe('two teams', () => {
  const [vision, nlp] = templatesOf({ teams: 'vision,nlp' }).map((template) => template.toJSON());

  test('have a stack each that differs from the other in nothing but the name', () => {
    // The CDK makes the id of one permission from the whole path of its rule.
    const text = (template: unknown): string =>
      JSON.stringify(template).replaceAll(/(AllowEventRule[a-z]+Function)\w+/g, '$1');

    assert.deepEqual(JSON.parse(text(nlp).replaceAll('nlp', 'vision')), JSON.parse(text(vision)));
  });

  for (const [team, own, other] of [
    ['vision', vision, 'nlp'],
    ['nlp', nlp, 'vision'],
  ] as const) {
    test(`share no name, no export and no ARN: ${team} knows nothing of ${other}`, () => {
      const strings = [...stringsIn(own)];

      assert.deepEqual(
        strings.filter((text) => text.includes(other)),
        [],
      );
      // Nothing goes in or out by name, and every ARN is put together from the stack's own resources and account.
      const outside = /^Fn::ImportValue$|^Export$|arn:aws|\b\d{12}\b/;
      assert.deepEqual(
        strings.filter((text) => outside.test(text)),
        [],
      );
    });
  }

  test('have no name of their own without the team in it', () => {
    const names = Object.values<{ Type: string; Properties?: Record<string, unknown> }>(
      vision?.['Resources'],
    ).flatMap(({ Type, Properties = {} }) =>
      Object.entries(Properties)
        .filter(([key, name]) => key.endsWith('Name') && typeof name === 'string')
        .map(([key, name]) => ({ what: `${Type} ${key}`, name: String(name) })),
    );

    const common = names.filter(({ name }) => !name.includes('vision'));
    assert.deepEqual([...new Set(common.map(({ what }) => what))].sort(), WITHIN_ANOTHER);
  });
});

describe('the template', () => {
  test('is the one that was looked at', () => {
    // A hash of the code says nothing here; the bundles have tests of their own.
    const text = JSON.stringify(templateOf({ team: 'vision' }).toJSON(), null, 2).replaceAll(
      /\b[0-9a-f]{64}\b/g,
      'HASH',
    );
    if (process.env['RUNGWISE_UPDATE_GOLDENS'] === '1') writeFileSync(GOLDEN, `${text}\n`);

    assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(GOLDEN, 'utf8')));
  });
});

describe('findings of cdk-nag that stay', () => {
  test('have a reason of a sentence or more', () => {
    for (const { at, id, reason } of FINDINGS) {
      assert.match(reason, /^[A-Z].{30,}\.$/, `${at} ${id}`);
    }
  });
});
