import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTable } from '../../lib/runtime/table.ts';
import { createGroup } from '../../lib/service/groups.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { experimentKey, headKey } from '../../lib/store/keys.ts';
import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';
import { runCli, temporaryFolder } from './helpers.ts';

describe('inspect', { skip: dynoxideMissing ?? false }, () => {
  test('tells which groups of a table do not fit together, and fails where there is one', async (t) => {
    const server = await startDynoxide();
    t.after(() => server.stop());
    const table = await server.createTable();
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: server.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    Object.assign(process.env, env);
    t.after(() => {
      for (const name of Object.keys(env)) delete process.env[name];
    });
    const { ports, call } = openTable(table, 'eu-central-1');
    t.after(() => ports.store.close());
    const created = await createGroup(ports, call(), {
      version: 1,
      kind: 'group',
      hptuning: {
        concurrency: 2,
        random_search: { n_experiments: 2 },
        matrix: { x: { uniform: [0, 1] } },
      },
    });
    assert.ok(created.ok);
    const group = created.value.definition.config.id;
    const request = { group, count: 2, worker: null, waitSeconds: 0 };
    assert.ok((await suggest(ports, call(), request)).ok);
    const args = ['inspect', '--table', table, '--region', 'eu-central-1'];
    const folder = temporaryFolder(t);

    const whole = await runCli(t, folder, args);
    const head = await ports.store.get(headKey(group));
    assert.ok(head !== null);
    await ports.store.put({
      key: headKey(group),
      body: { ...head.body, nextNumber: 2, nextFresh: 1, places: head.body.places.slice(0, 1) },
      expect: head.rev,
    });
    assert.ok((await ports.store.get(experimentKey(group, 2))) !== null);
    const torn = await runCli(t, folder, args);
    const json = await runCli(t, folder, [...args, '--json']);
    const none = await runCli(t, folder, [
      'inspect',
      '--table',
      'nowhere',
      '--region',
      'eu-central-1',
    ]);

    assert.deepEqual([whole.code, whole.stdout], [0, 'groups whose items fit together: 1 of 1']);
    assert.equal(torn.code, 1);
    assert.match(torn.stdout, new RegExp(`^${group}  there are experiments after 1, `, 'm'));
    const line: { group: string; findings: string[] } = JSON.parse(json.stdout);
    assert.deepEqual([line.group, line.findings.length], [group, 1]);
    assert.match(none.stderr, /^rungwise: the table nowhere in eu-central-1 cannot be used/);
  });
});
