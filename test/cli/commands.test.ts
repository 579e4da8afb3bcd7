import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { createProgram } from '../../cli/program.ts';
import { VERSION } from '../../lib/runtime/version.ts';
import type { Ended } from './helpers.ts';
import {
  documentOf,
  planned,
  runCli,
  serve,
  start,
  temporaryFolder,
  training,
  until,
  writeDocument,
} from './helpers.ts';

/** A service with a group that has been run to its end, and the command line for it. */
async function withGroup(t: TestContext): Promise<(...args: string[]) => Promise<Ended>> {
  const folder = temporaryFolder(t);
  const { url } = await serve(t, folder);
  const document = { ...documentOf(training('steps', '2', '{{ lr }}')), name: 'small' };
  const cli = (...args: string[]): Promise<Ended> => runCli(t, folder, [...args, '--server', url]);
  assert.equal((await cli('run', writeDocument(folder, document))).code, 0);
  return cli;
}

const lines = ({ stdout }: Ended): readonly string[] => stdout.split('\n').filter(Boolean);

describe('the commands that read', () => {
  test('a finished group is listed, shown, exported and deleted', async (t) => {
    const cli = await withGroup(t);

    const groups = await cli('groups');
    assert.match(lines(groups)[1] ?? '', /^grp_\w{26} +done +3\/3 +loss=0\.\d+ +small +\d{4}-/);
    const id = /grp_\w+/.exec(groups.stdout)?.[0] ?? '';

    const shown = await cli('show', 'small');
    assert.match(shown.stdout, /^metric +loss$/m);
    assert.match(shown.stdout, /^lr +uniform +low=0 high=1$/m);

    const sorted = await cli('experiments', id.slice(0, 20), '--sort', 'objective', '--limit', '2');
    assert.match(lines(sorted)[0] ?? '', /^# +status +loss +took +lr$/);
    assert.equal(lines(sorted).length, 3);
    assert.match(sorted.stderr, /there are more/);

    const csv = await cli('experiments', 'latest', '--csv');
    assert.match(lines(csv)[0] ?? '', /^number,status,.*,values\.lr,metrics\.loss$/);

    const best = await cli('best', 'latest', '--json');
    const experiment: unknown = JSON.parse(best.stdout);
    assert.ok(typeof experiment === 'object' && experiment !== null && 'number' in experiment);
    assert.equal(best.code, 0);
    const number = /^ *(\d)/.exec(lines(sorted)[1] ?? '')?.[1];
    assert.equal(String(experiment.number), number);

    const events = await cli('events', 'latest', '--follow');
    assert.match(lines(events)[0] ?? '', /group\.created$/);
    assert.match(lines(events).at(-1) ?? '', /group\.done/);

    const refused = await cli('delete', 'latest');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--yes/);
    assert.equal((await cli('delete', 'latest', '--yes')).stdout, `${id} is deleted`);
    assert.equal((await cli('show', id)).code, 1);
  });

  test('an export has every experiment and every measurement', async (t) => {
    const cli = await withGroup(t);

    const jsonl = await cli('export', 'latest');
    const first: unknown = JSON.parse(lines(jsonl)[0] ?? '');
    assert.ok(typeof first === 'object' && first !== null && 'measurements' in first);
    assert.ok(!('lease' in first));
    assert.ok(Array.isArray(first.measurements));
    assert.equal(first.measurements.length, 2);
    assert.equal(lines(jsonl).length, 3);

    const csv = await cli('export', 'latest', '--format', 'csv');
    assert.equal(lines(csv).length, 4);

    const file = join(temporaryFolder(t), 'measurements.csv');
    await cli('export', 'latest', '--format', 'csv', '--measurements', '--output', file);
    const records = readFileSync(file, 'utf8').split('\r\n');
    assert.equal(records[0], 'number,attempt,step,metric,value,reported_at');
    assert.equal(records.length, 8);

    const nowhere = await cli('export', 'latest', '--output', '/nowhere/file');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /^rungwise: \/nowhere\/file cannot be written/m);
  });

  test('a group that is stopped can go on', async (t) => {
    const folder = temporaryFolder(t);
    const go = join(folder, 'go');
    const file = writeDocument(folder, documentOf(training('forever', go), planned(2)));
    const running = start(t, folder, ['run', file]);
    await until(() => running.lines.some((line) => line.includes('started')));
    const cli = (...args: string[]): Promise<Ended> =>
      runCli(t, folder, [...args, '--data', '.rungwise']);

    assert.match((await cli('stop', 'latest')).stdout, /^grp_\w+ is stopp/);
    const stopped = await running.ended;
    assert.match(stopped.stdout, /^stopped \(requested\)/m);

    assert.match((await cli('resume', 'latest')).stdout, /^grp_\w+ is running$/);
    writeFileSync(go, '');
    assert.equal((await cli('agent', 'latest')).code, 0);
    assert.match((await cli('resume', 'latest')).stderr, /cannot go on/);
  });

  test('a group that no word names is told, with what to do', async (t) => {
    const folder = temporaryFolder(t);

    const none = await runCli(t, folder, ['show', 'latest', '--data', '.rungwise']);
    const other = await runCli(t, folder, ['show', 'other', '--data', '.rungwise', '--json']);

    assert.deepEqual([none.code, other.code], [1, 1]);
    assert.match(none.stderr, /has no group yet: create one with "rungwise run FILE"/);
    assert.match(
      other.stderr,
      /^\{"error":\{"code":null,"detail":"no group is called \\"other\\"/m,
    );
  });

  test('a service that does not answer is told', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : null;
    server.close();
    const url = `http://127.0.0.1:${port}`;

    const { code, stderr } = await runCli(t, temporaryFolder(t), ['groups', '--server', url]);

    assert.equal(code, 1);
    assert.equal(stderr, `rungwise: ${url} does not answer (ECONNREFUSED)\n`);
  });
});

describe('preview', () => {
  test('it shows what a document would run, without a service or a folder', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeDocument(
      folder,
      documentOf('python3 train.py --lr={{ lr }}', { matrix: { lr: { logspace: '0.01:0.1:5' } } }),
    );

    const { code, stdout } = await runCli(t, folder, ['preview', file]);

    assert.equal(code, 0);
    assert.match(stdout, /^random search, 3 experiments$/m);
    assert.match(stdout, /^lr +logspace +5 +1\.023, 1\.078, /m);
    assert.match(stdout, /^ {2}\$ python3 train\.py --lr=1\.\d+$/m);
    assert.match(stdout, /^warnings\n {2}hptuning\.matrix\.lr.*geomspace/m);
  });

  test('--json gives the preview as a service would', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeDocument(folder, documentOf('true', planned(2)));

    const { stdout } = await runCli(t, folder, ['preview', file, '--json']);

    const preview: unknown = JSON.parse(stdout);
    assert.ok(typeof preview === 'object' && preview !== null && 'planned' in preview);
    assert.equal(preview.planned, 2);
  });

  test('every mistake stands on a line of its own with its path', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'bad.yml'), 'version: 1\nkind: grp\nhptuning: {matrx: {}}\n');

    const { code, stdout, stderr } = await runCli(t, folder, ['preview', 'bad.yml']);

    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^ {2}kind: /m);
    assert.match(stderr, /^ {2}hptuning\.matrx: /m);
  });
});

describe('the command line', () => {
  test('--version is the version of the service', async (t) => {
    assert.equal((await runCli(t, temporaryFolder(t), ['--version'])).stdout, VERSION);
  });

  test('the help of every command has an example', () => {
    const { commands } = createProgram(() => {});
    for (const command of commands) {
      let help = '';
      command.configureOutput({
        writeOut: (text) => {
          help += text;
        },
      });
      command.outputHelp();
      assert.match(help, new RegExp(`Examples?:\\n {2}rungwise ${command.name()}`));
    }
    assert.equal(commands.length, 16);
  });

  test('what is no command is refused', async (t) => {
    const { code, stderr } = await runCli(t, temporaryFolder(t), ['frob']);

    assert.equal(code, 1);
    assert.match(stderr, /unknown command 'frob'/);
  });
});
