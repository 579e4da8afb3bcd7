import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startLocalServer } from '../../cli/local-server.ts';
import { readSettings, WrongSetting } from '../../infra/settings.ts';
import { SCOPES } from '../../lib/domain/api-key.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { createKey } from '../../lib/service/api-keys.ts';
import { resourcesOf, templateOf } from '../infra/synth.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
const template = templateOf({ team: 'vision', email: 'a@b.example', dashboard: 'true' });
const run = promisify(execFile);

/** The part of the page below a heading of the second level. */
function sectionOf(title: string): string {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  assert.ok(section !== undefined, `docs/operations.md has no section "${title}"`);
  return section;
}

describe('docs/operations.md', () => {
  test('says for every alarm of a stack what to do, and for no other', () => {
    const told = [...sectionOf('At an alarm').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    const alarms = Object.keys(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map((id) =>
      id.replace(/^Watch/, '').replace(/[0-9A-F]{8}$/, ''),
    );

    assert.deepEqual(told.toSorted(), alarms.toSorted());
    assert.ok(PAGE.includes(`| \`AWS::CloudWatch::Alarm\` | ${alarms.length} |`));
  });

  test('lists every kind of resource that a stack has, and no other', () => {
    const told = sectionOf('What is deployed')
      .split('\n')
      .flatMap((line) => {
        const [first = ''] = /^\| `.+?` \|/.exec(line) ?? [];
        const [service = '', ...types] = [...first.matchAll(/`([\w:]+)`/g)].map(
          ([, name]) => name ?? '',
        );
        const prefix = service.slice(0, service.lastIndexOf('::') + 2);
        return service === '' ? [] : [service, ...types.map((type) => prefix + type)];
      });
    const resources: Readonly<Record<string, { readonly Type: string }>> =
      template.toJSON()['Resources'];
    const types = new Set(Object.values(resources).map(({ Type }) => Type));

    assert.deepEqual(told.toSorted(), [...types].toSorted());
  });

  test('lists every value of the context', () => {
    const told = [...sectionOf('Deploy').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);

    assert.throws(
      () => readSettings({ unknown: '' }),
      (error) =>
        error instanceof WrongSetting && error.message.endsWith(`there are ${told.join(', ')}.`),
    );
  });

  test('creates a group, asks for values and reports with curl and a key, as it says', {
    skip: spawnSync('curl', ['--version']).status === 0 ? false : 'LEFT OUT: there is no curl here',
  }, async (t) => {
    const logger = { error: console.error, warn: console.warn, info() {} };
    const runtime = createLocalRuntime({ folder: null, logger, demandsKeys: true });
    const server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    const made = await createKey(runtime.ports, runtime.call(), {
      name: null,
      scopes: SCOPES,
      expiresAt: null,
    });
    assert.ok(made.ok);
    const [, block = ''] = /```sh\n(.*?)```/s.exec(sectionOf('Call it')) ?? [];
    const script = block
      .replace(/^URL=.*$/m, `URL=${server.url}`)
      .replace(/^KEY=.*$/m, `KEY=${made.value.text}`);

    const { stdout } = await run('sh', ['-ec', script]);

    assert.match(stdout, /"experiments":\[\{.*"number":1/);
    assert.match(stdout, /"status":"succeeded".*"should_stop":false/);
  });
});
