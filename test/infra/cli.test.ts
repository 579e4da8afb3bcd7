import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import * as z from 'zod';
import { FINDINGS } from '../../infra/nag.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');

const folder = mkdtempSync(join(tmpdir(), 'rungwise-cdk-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs `npx cdk synth` as cdk.json has it, away from any account. */
const synth = (...args: string[]) =>
  spawnSync(
    process.execPath,
    [CDK, 'synth', '--quiet', '--no-notices', '--output', folder, ...args],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true' },
    },
  );

const report = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      conclusion: z.string(),
      suppressedViolations: z.array(z.object({ acknowledgedId: z.string() })),
    }),
  ),
});

describe('npx cdk synth', () => {
  const teams = ['nlp', 'vision'];
  const done = synth(
    '-c',
    `teams=${teams.join(',')}`,
    '-c',
    'dashboard=true',
    '-c',
    'email=ops@example.com',
  );
  const files = (): readonly string[] => readdirSync(folder);
  const template = (team: string): string => join(folder, `rungwise-${team}.template.json`);

  test('writes a template for each team, and bundles each function once', () => {
    assert.equal(done.status, 0, done.stderr);
    for (const team of teams) assert.ok(existsSync(template(team)), team);
    const bundles = files().filter((file) => file.startsWith('asset.'));
    assert.equal(bundles.length, 12, bundles.join('\n'));
    const contents = bundles.map((bundle) => readdirSync(join(folder, bundle)).join());
    const carrying = 'index.mjs,parts,web';
    assert.deepEqual(
      contents.filter((names) => names !== 'index.mjs,parts'),
      [carrying],
    );
  });

  test('passes both packs of cdk-nag, with no reason given for what they do not find', () => {
    const text = readFileSync(join(folder, 'validation-report.json'), 'utf8');

    const { pluginReports } = report.parse(JSON.parse(text));
    assert.deepEqual(
      pluginReports.map(({ pluginName, conclusion }) => `${pluginName} ${conclusion}`).sort(),
      ['AwsSolutions success', 'Serverless success'],
    );
    const met = pluginReports.flatMap(({ suppressedViolations }) =>
      suppressedViolations.map(({ acknowledgedId }) => acknowledgedId),
    );
    assert.deepEqual([...new Set(met)].sort(), [...new Set(FINDINGS.map(({ id }) => id))].sort());
  });

  test('writes templates that cfn-lint has nothing to say on', (t) => {
    const found = ['cfn-lint', 'cfn-lint.exe'].find(
      (command) => spawnSync(command, ['--version']).status === 0,
    );
    if (found === undefined) {
      t.skip('cfn-lint is not installed (pip install cfn-lint)');
      return;
    }
    const linted = spawnSync(found, teams.map(template), { encoding: 'utf8' });
    assert.equal(`${linted.stdout}${linted.stderr}`, '');
    assert.equal(linted.status, 0);
  });

  test('fails with one sentence where no team is named', () => {
    const { status, stderr } = synth();

    assert.notEqual(status, 0);
    assert.match(stderr, /^rungwise: No team is named: add -c team=vision, .*\.$/m);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
});
