import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startLocalServer } from '../../cli/local-server.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';

const ROOT = join(import.meta.dirname, '../..');
const BLOCKS = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(
  ([, block]) => block ?? '',
);
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const run = promisify(execFile);

/** The block of the README that contains the text. */
function blockWith(text: string): string {
  const block = BLOCKS.find((candidate) => candidate.includes(text));
  assert.ok(block !== undefined, `README.md has no block with ${text}`);
  return block;
}

describe('the snippets of README.md', () => {
  let server: Awaited<ReturnType<typeof startLocalServer>>;
  before(async () => {
    const logger = { error: console.error, warn: console.warn, info() {} };
    const runtime = createLocalRuntime({ folder: null, logger });
    server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
  });
  after(() => server.close());

  test('create a group, get values and report with curl, as the text says', {
    skip: hasCurl ? false : 'LEFT OUT: there is no curl here',
  }, async () => {
    const script = blockWith('curl').replace('http://127.0.0.1:8080', server.url);

    const { stdout } = await run('sh', ['-ec', script]);

    const [suggested, reported] = stdout.split(/(?<=\})(?=\{"experiment":)/);
    const first: { experiments: { number: number; values: object }[] } = JSON.parse(
      suggested ?? '',
    );
    assert.equal(first.experiments[0]?.number, 1);
    assert.deepEqual(Object.keys(first.experiments[0]?.values ?? {}), ['lr', 'dropout']);
    const answer: { should_stop: boolean; experiment: { status: string } } = JSON.parse(
      reported ?? '',
    );
    assert.equal(answer.should_stop, false);
    assert.equal(answer.experiment.status, 'succeeded');
  });

  test('preview and run the documents that they name', async () => {
    const lines = blockWith('-- preview').trim().split('\n');
    const args = lines.map((line) => line.replace(/^npm run rungwise -- /, '').split(' '));
    assert.deepEqual(
      args.map(([command]) => command),
      ['preview', 'run'],
    );
    const [preview] = args;

    const { stdout } = await run(
      process.execPath,
      [...process.execArgv, join(ROOT, 'cli/main.ts'), ...(preview ?? [])],
      { cwd: ROOT },
    );

    // The document of the other line is the one that the demo runs to its end.
    assert.equal(preview?.[1], args[1]?.[1]);
    assert.match(stdout, /18/);
  });
});
