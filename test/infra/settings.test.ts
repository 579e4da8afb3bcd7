import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readSettings, WrongSetting } from '../../infra/settings.ts';

const refused = (context: Record<string, unknown>): string => {
  try {
    readSettings(context);
  } catch (error) {
    assert.ok(error instanceof WrongSetting);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(context)} was accepted`);
};

describe('settings', () => {
  test('one team gets the defaults', () => {
    assert.deepEqual(readSettings({ team: 'vision' }), {
      teams: ['vision'],
      budgetUsd: 20,
      email: null,
      hasDashboard: false,
      table: null,
    });
  });

  test('everything can be set from the command line, where all is text', () => {
    const context = {
      teams: 'vision, nlp',
      budget: '49.50',
      email: 'a@b.example',
      dashboard: 'true',
    };

    assert.deepEqual(readSettings(context), {
      teams: ['vision', 'nlp'],
      budgetUsd: 49.5,
      email: 'a@b.example',
      hasDashboard: true,
      table: null,
    });
  });

  test('the functions of one team can be pointed at another table of its own', () => {
    for (const table of ['rungwise-vision-restored', 'rungwise-vision-2026.11.24_a']) {
      assert.equal(readSettings({ team: 'vision', table }).table, table);
    }
  });

  test('cdk.json may hold numbers and booleans', () => {
    const settings = readSettings({ team: 'vision', budget: 30, dashboard: false });

    assert.equal(settings.budgetUsd, 30);
    assert.equal(settings.hasDashboard, false);
  });

  test('what the CDK itself puts into the context is passed over', () => {
    const own = { 'aws:cdk:bundling-stacks': ['**'], '@aws-cdk/x:y': true, 'cli-telemetry': false };

    assert.deepEqual(readSettings({ team: 'vision', ...own }).teams, ['vision']);
  });

  const mistakes: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['no team', {}, /^No team is named: add -c team=vision/],
    ['team and teams', { team: 'a1', teams: 'b1' }, /^Both "team" and "teams" are given/],
    ['a team named twice', { teams: 'nlp,vision,nlp' }, /^The team "nlp" is named twice/],
    ['an empty team', { team: '' }, /^The context "team" is "";/],
    ['an empty name among teams', { teams: 'nlp,,vision' }, /^The team name "" is not allowed/],
    ['a team that is no text', { team: ['nlp'] }, /^The context "team" is \["nlp"\];/],
    ['a budget of nothing', { team: 'nlp', budget: '0' }, /^The budget "0" is not allowed/],
    ['a budget in words', { team: 'nlp', budget: '$20' }, /^The budget "\$20" is not allowed/],
    ['a budget beyond reason', { team: 'nlp', budget: '1e9' }, /^The budget "1e9"/],
    ['an email without a host', { team: 'nlp', email: 'me' }, /^The email "me" is not an address/],
    ['a flag in words', { team: 'nlp', dashboard: 'yes' }, /^The context "dashboard" is "yes"/],
    ['no table', { team: 'nlp', table: '' }, /^The context "table" is "";/],
    [
      'a table of another team',
      { team: 'nlp', table: 'rungwise-vision-restored' },
      /^The table name "rungwise-vision-restored" is not allowed: begin it with "rungwise-nlp-"/,
    ],
    [
      'a table with nothing but the team in its name',
      { team: 'nlp', table: 'rungwise-nlp-' },
      /^The table name "rungwise-nlp-" is not allowed/,
    ],
    [
      'a table whose name DynamoDB does not allow',
      { team: 'nlp', table: 'rungwise-nlp-a/b' },
      /^The table name "rungwise-nlp-a\/b" is not allowed/,
    ],
    [
      'a table with a name too long',
      { team: 'nlp', table: `rungwise-nlp-${'x'.repeat(243)}` },
      /at most 255 characters in all/,
    ],
    [
      'one table for several teams',
      { teams: 'nlp,vision', table: 'rungwise-nlp-a' },
      /^The context "table" names the table of one team/,
    ],
    [
      'a mistyped name',
      { taem: 'nlp' },
      /^The context "taem" is not known; there are team, teams,/,
    ],
  ];
  for (const [what, context, sentence] of mistakes) {
    test(`${what} is refused with one sentence`, () => {
      const message = refused(context);

      assert.match(message, sentence);
      assert.match(message, /^[^\n]*\.$/);
    });
  }

  for (const team of ['Vision', 'v', '1vision', 'vision-', 'vi--sion', 'vi_sion', 'x'.repeat(25)]) {
    test(`the team name "${team}" is refused`, () => {
      assert.match(refused({ team }), /^The team name ".*" is not allowed: take 2 to 24 /);
    });
  }

  test('any text is either a team name as it is, or refused with one sentence', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (team) => {
        try {
          assert.match(
            readSettings({ team }).teams.join(),
            /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,23}$/,
          );
        } catch (error) {
          assert.ok(error instanceof WrongSetting, String(error));
          assert.match(error.message, /^[^\n]*\.$/);
        }
      }),
    );
  });
});
