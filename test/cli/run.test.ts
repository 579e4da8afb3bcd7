import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { createService } from '../../cli/client.ts';
import type { Endpoint } from '../helpers/endpoint.ts';
import { startEndpoint, withStatus } from '../helpers/endpoint.ts';
import {
  createGroup,
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

const parsed = (line: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(line);
  assert.ok(typeof value === 'object' && value !== null);
  return { ...value };
};

const parsedLines = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text.split('\n').filter(Boolean).map(parsed);

describe('run', () => {
  test('a document is run to its end and the best experiment is shown', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeDocument(folder, documentOf(training('steps', '2', '{{ lr }}')));

    const { code, stdout, stderr } = await runCli(t, folder, ['run', file]);

    assert.equal(code, 0, stderr);
    assert.match(stdout, /^#1 started: lr=0\.\d+$/m);
    assert.match(stdout, /^#1 succeeded: loss=0\.\d+$/m);
    assert.match(stdout, /^done \(exhausted\)/m);
    assert.match(stdout, /^best: experiment \d, loss 0\.\d+\n {2}lr {2}0\.\d+\n {2}\$ .*training/m);
    assert.match(stderr, /^rungwise: using the data folder \.rungwise \(http:/m);
  });

  test('--json tells everything in lines of JSON, the result last', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeDocument(folder, documentOf(training('steps', '2'), planned(1)));

    const { code, stdout } = await runCli(t, folder, ['run', file, '--json']);

    assert.equal(code, 0);
    const types = parsedLines(stdout).map(({ type }) => type);
    assert.deepEqual(types, [
      'group',
      'started',
      'measured',
      'measured',
      'ended',
      'group',
      'result',
    ]);
  });

  test('a group in which nothing succeeded exits with 1', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeDocument(folder, documentOf(training('fail', '3'), planned(1)));

    const { code, stdout } = await runCli(t, folder, ['run', file]);

    assert.equal(code, 1);
    assert.match(stdout, /^#1 ! exit code 3$/m);
    assert.match(stdout, /^1 failed, of 1 planned experiment$/m);
  });

  test('a document with mistakes exits with 2 and names each, and nothing is stored', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeDocument(folder, documentOf('true', { concurrency: 0, matrx: {} }));

    const { code, stderr } = await runCli(t, folder, ['run', file]);
    const { stdout } = await runCli(t, folder, ['groups', '--data', '.rungwise']);

    assert.equal(code, 2);
    assert.match(stderr, /^rungwise: .*document\.json has 2 mistakes:$/m);
    assert.match(stderr, /^ {2}hptuning\.concurrency: /m);
    assert.match(stderr, /^ {2}hptuning\.matrx: .*"matrix"/m);
    assert.equal(stdout, 'no group');
  });

  for (const [what, args, message] of [
    ['a file that is not there', ['run', 'nowhere.yml'], /nowhere\.yml cannot be read/],
    ['a document without a command', ['run', 'silent.json'], /has no run\.cmd/],
    ['a document that does not parse', ['run', 'broken.yml'], /broken\.yml does not parse: line 3/],
  ] as const) {
    test(`${what} exits with 2`, async (t) => {
      const folder = temporaryFolder(t);
      const { run: _run, ...silent } = { run: null, ...documentOf('true') };
      writeFileSync(join(folder, 'silent.json'), JSON.stringify(silent));
      writeFileSync(join(folder, 'broken.yml'), 'version: 1\nkind: [\n');

      const { code, stderr } = await runCli(t, folder, args);

      assert.equal(code, 2);
      assert.match(stderr, message);
    });
  }

  test('a document that a launcher works on exits with 2, and nothing is stored', async (t) => {
    const folder = temporaryFolder(t);
    const file = writeDocument(folder, documentOf(training('steps', '2'), { dispatch: 'push' }));

    const { code, stderr } = await runCli(t, folder, ['run', file]);

    assert.equal(code, 2);
    assert.match(stderr, /has dispatch: push, so the service hands its experiments to a launcher/);
    assert.equal(existsSync(join(folder, '.rungwise')), false);
  });

  test('Ctrl-C gives back what runs and exits with 130; agent goes on with it', async (t) => {
    const folder = temporaryFolder(t);
    const go = join(folder, 'go');
    const file = writeDocument(folder, documentOf(training('forever', go), { concurrency: 2 }));
    const running = start(t, folder, ['run', file]);
    await until(() => running.lines.filter((line) => line.includes('started')).length === 2);

    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;

    assert.equal(code, 130);
    assert.match(stderr, /"rungwise agent grp_\w+" goes on with it/);
    const data = ['--data', '.rungwise'];
    const listed = await runCli(t, folder, ['experiments', 'latest', '--json', ...data]);
    assert.deepEqual(
      parsedLines(listed.stdout).map(({ number, status }) => [number, status]),
      [
        [1, 'queued'],
        [2, 'queued'],
      ],
    );

    writeFileSync(go, '');
    const continued = await runCli(t, folder, ['agent', 'latest', ...data]);

    assert.equal(continued.code, 0);
    assert.match(continued.stdout, /^3 succeeded, of 3 planned experiments$/m);
  });

  test('a run that was killed is continued at once by the next agent on the machine', async (t) => {
    const folder = temporaryFolder(t);
    const go = join(folder, 'go');
    const file = writeDocument(folder, documentOf(training('forever', go)));
    const running = start(t, folder, ['run', file]);
    await until(() => running.lines.some((line) => line.includes('started')));

    running.child.kill('SIGKILL');
    await running.ended;
    writeFileSync(go, '');
    const { code, stdout } = await runCli(t, folder, ['agent', 'latest', '--data', '.rungwise']);

    assert.equal(code, 0);
    assert.match(stdout, /^#1 left: given back$/m);
    assert.match(stdout, /^3 succeeded, of 3 planned experiments$/m);
  });

  test('another run on the same data folder works through the process that serves it', async (t) => {
    const folder = temporaryFolder(t);
    const { url } = await serve(t, folder);
    const file = writeDocument(folder, documentOf(training('steps', '1'), planned(1)));

    const { code, stderr } = await runCli(t, folder, ['run', file]);

    assert.equal(code, 0);
    assert.ok(stderr.includes(`using ${url}, which serves .rungwise`));
  });

  test('a mistake that a service finds exits with 2 as well', async (t) => {
    const folder = temporaryFolder(t);
    const { url } = await serve(t, folder);
    const file = writeDocument(folder, documentOf('true', { concurrency: 0 }));

    const { code, stderr } = await runCli(t, folder, ['run', file, '--server', url]);

    assert.equal(code, 2);
    assert.match(stderr, /^ {2}hptuning\.concurrency: /m);
  });
});

describe('serve', () => {
  test('SIGTERM closes it cleanly', async (t) => {
    const { running } = await serve(t, temporaryFolder(t));

    running.child.kill('SIGTERM');

    assert.equal((await running.ended).code, 0);
  });

  test('a port that is in use and a folder that is held are told in a sentence', async (t) => {
    const folder = temporaryFolder(t);
    const { url } = await serve(t, folder);
    const port = new URL(url).port;

    const samePort = await runCli(t, temporaryFolder(t), ['serve', '--port', port]);
    const sameFolder = await runCli(t, folder, ['serve', '--port', '0']);

    assert.equal(samePort.code, 1);
    assert.match(
      samePort.stderr,
      /^rungwise: .*another process uses it; choose another one with --port\.$/m,
    );
    assert.equal(sameFolder.code, 1);
    assert.match(sameFolder.stderr, /^rungwise: another rungwise process is using the data folder/);
  });

  test('an agent outlives a service that is killed and started again', async (t) => {
    const folder = temporaryFolder(t);
    const go = join(folder, 'go');
    const first = await serve(t, folder);
    const port = new URL(first.url).port;
    const service = createService({ url: first.url, key: null });
    const document = documentOf(training('forever', go), { concurrency: 2 });
    const group = await createGroup(service, document);
    const agent = start(t, folder, ['agent', group.id, '--server', first.url, '--json']);
    await until(() => agent.lines.filter((line) => line.includes('"measured"')).length > 4);

    first.running.child.kill('SIGKILL');
    await until(() => agent.lines.some((line) => line.includes('"warning"')));
    writeFileSync(go, '');
    await serve(t, folder, ['--port', port]);

    const { code, stdout } = await agent.ended;
    assert.equal(code, 0);
    const ends = parsedLines(stdout).filter(({ type }) => type === 'ended');
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['succeeded', 'succeeded', 'succeeded'],
    );
    const measured = parsedLines(stdout).filter(
      ({ type, number }) => type === 'measured' && number === 1,
    );
    const listed = await service.call('listMeasurements', {
      group: group.id,
      number: 1,
      query: { limit: 200 },
    });
    assert.deepEqual(
      listed.ok ? listed.value.items.map(({ step }) => step) : null,
      measured.map(({ step }) => step),
    );
  });
});

describe('the webhooks of a folder that run serves', () => {
  /** A folder with a webhook for the end of groups, a document, and how to run it. */
  async function prepare(t: TestContext): Promise<{
    readonly folder: string;
    readonly endpoint: Endpoint;
    readonly args: readonly string[];
    readonly statuses: () => Promise<readonly unknown[]>;
  }> {
    const folder = temporaryFolder(t);
    const endpoint = await startEndpoint(t);
    const at = ['--data', 'data', '--allow-private-webhooks'];
    const create = ['webhooks', 'create', endpoint.url, '--events', 'group.done', ...at];
    assert.equal((await runCli(t, folder, create)).code, 0);
    const file = writeDocument(folder, documentOf(training('steps', '1'), planned(1)));
    return {
      folder,
      endpoint,
      args: ['run', file, ...at],
      async statuses() {
        const list = ['webhooks', 'deliveries', 'latest', '--json', '--data', 'data'];
        return parsedLines((await runCli(t, folder, list)).stdout).map(({ status }) => status);
      },
    };
  }

  test('are told before it ends, also where an endpoint takes its time', async (t) => {
    const { folder, endpoint, args, statuses } = await prepare(t);
    // Longer than the close of a service waits for what is under way.
    endpoint.answer((response) => setTimeout(() => response.writeHead(204).end(), 3_000));

    const { code, stderr } = await runCli(t, folder, args);

    assert.equal(code, 0, stderr);
    assert.match(stderr, /^rungwise: waiting for 1 delivery to a webhook, 20 s at most; Ctrl-C/m);
    assert.deepEqual(await statuses(), ['delivered']);
    assert.equal(endpoint.received.length, 1);
  });

  test('have the rest sent by whoever serves the folder next', async (t) => {
    const { folder, endpoint, args } = await prepare(t);
    endpoint.answer(withStatus(500));

    const { code, stderr } = await runCli(t, folder, args);
    endpoint.answer(withStatus(204));
    await serve(t, folder, ['--data', 'data', '--allow-private-webhooks']);
    const [first, second] = await endpoint.count(2);

    assert.equal(code, 0);
    assert.match(stderr, /^rungwise: 1 delivery to a webhook is left for the next time that data/m);
    assert.equal(first?.body, second?.body);
  });

  test('are not waited for after Ctrl-C', async (t) => {
    const { folder, endpoint, args } = await prepare(t);
    endpoint.answer(() => {});
    const running = start(t, folder, args);
    await until(() => running.lines.some((line) => line.startsWith('all of them')));

    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;

    assert.equal(code, 0);
    assert.match(stderr, /1 delivery to a webhook is left for the next time/);
  });
});
