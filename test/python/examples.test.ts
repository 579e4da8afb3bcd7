import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Experiment, Group } from '../../cli/answers.ts';
import { expectAnswer } from '../../cli/client.ts';
import { eachExperiment } from '../../cli/pages.ts';
import {
  documentOf,
  planned,
  ROOT,
  runCli,
  startService,
  temporaryFolder,
  writeDocument,
} from '../cli/helpers.ts';

/** Tells whether a command is there. */
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;
const withPython = { skip: has('python3') ? false : 'there is no python3 here' };
const withCurl = { skip: has('curl') ? false : 'there is no curl here' };

/** Runs a document from the root of the repository, to its end; returns the group and its experiments. */
async function runToEnd(
  t: TestContext,
  file: string,
  more: readonly string[] = [],
): Promise<{ readonly group: Group; readonly experiments: readonly Experiment[] }> {
  const service = await startService(t);
  const args = ['run', file, '--server', service.url, '--data', temporaryFolder(t), ...more];
  const { code, stdout, stderr } = await runCli(t, ROOT, args);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const { items } = expectAnswer(await service.call('listGroups'));
  const [group] = items;
  assert.ok(group !== undefined);
  const experiments: Experiment[] = [];
  for await (const experiment of eachExperiment(service, { group: group.id })) {
    experiments.push(experiment);
  }
  return { group, experiments };
}

/** A copy of a document of the reference page whose trainings take one epoch. */
function quick(t: TestContext, name: string): string {
  const document = readFileSync(join(ROOT, 'examples/reference', name), 'utf8');
  const file = join(temporaryFolder(t), name);
  writeFileSync(file, document.replace('train.py ', 'train.py --epochs=1 '));
  return file;
}

describe('the examples of the reference page', withPython, () => {
  for (const [name, count] of [
    ['grid.yml', 10],
    ['grid-4.yml', 4],
  ] as const) {
    test(`${name} runs ${count} experiments that all succeed`, async (t) => {
      const { group, experiments } = await runToEnd(t, quick(t, name), ['--workers', '1']);

      assert.equal(group.progress.succeeded, count);
      assert.ok(experiments.every(({ metrics }) => metrics['accuracy']?.step === 1));
      assert.deepEqual(
        experiments.map(({ values }) => values['dropout']),
        Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 0.2 : 0.5)),
      );
    });
  }

  test('random.yml ends by its budget or by a rule, and every training ran', async (t) => {
    const { group, experiments } = await runToEnd(t, quick(t, 'random.yml'));

    assert.equal(group.status, 'done');
    assert.ok(['exhausted', 'early_stopping'].includes(group.status_reason?.code ?? ''));
    assert.equal(group.progress.failed, 0);
    assert.ok(experiments.every(({ command }) => !command?.includes('\\')));
  });
});

describe('a worker without the command line', () => {
  for (const [script, command, options] of [
    ['loop.py', 'python3', withPython],
    ['loop.sh', 'sh', withCurl],
  ] as const) {
    test(`${script} works on its group to the end`, options, async (t) => {
      const service = await startService(t);
      const worker = spawn(command, [`examples/loop/${script}`, 'examples/loop/polyaxonfile.yml'], {
        cwd: ROOT,
        env: { ...process.env, RUNGWISE_URL: service.url },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [output, [code]] = await Promise.all([text(worker.stdout), once(worker, 'close')]);

      assert.equal(code, 0, output);
      const { items } = expectAnswer(await service.call('listGroups'));
      assert.equal(items[0]?.status, 'done');
      assert.ok(items[0]?.best !== null);
    });
  }
});

describe('--build', withPython, () => {
  test('build steps run once, in a Python environment that the experiments use', async (t) => {
    const folder = temporaryFolder(t);
    const log = join(folder, 'log');
    const python = `python3 -c 'import os, sys; print("rungwise", "{\\"loss\\": %d}" % (sys.prefix == os.environ["VIRTUAL_ENV"]))'`;
    const document = {
      ...documentOf(python, planned(2)),
      build: { build_steps: [`echo built >> '${log}'`, `python3 -c 'import pip'`] },
    };
    const file = writeDocument(folder, document);

    const first = await runCli(t, folder, ['run', file, '--build']);
    const second = await runCli(t, folder, ['run', file, '--build']);

    assert.deepEqual([first.code, second.code], [0, 0], first.stderr);
    assert.equal(readFileSync(log, 'utf8'), 'built\n');
    assert.match(first.stderr, /^rungwise: build step 1 of 2: echo built/m);
    assert.match(second.stderr, /^rungwise: build steps ran before/m);
    assert.match(second.stdout, /^#1 succeeded: loss=1$/m);
  });

  test('a build step that fails ends the command with its output, before there is a group', async (t) => {
    const folder = temporaryFolder(t);
    const document = {
      ...documentOf('true', planned(1)),
      build: { build_steps: ['true', 'echo no such package; exit 3'] },
    };
    const file = writeDocument(folder, document);

    const { code, stderr } = await runCli(t, folder, ['run', file, '--build']);

    assert.equal(code, 1);
    assert.match(
      stderr,
      /the build step "echo no such package; exit 3" failed \(exit code 3\):\nno such package$/m,
    );
    const again = await runCli(t, folder, ['run', file, '--build']);
    assert.match(again.stderr, /build step 1 of 2/);
    assert.equal((await runCli(t, folder, ['groups', '--data', '.rungwise'])).stdout, 'no group');
  });

  test('the example with scikit-learn installs it and runs to its end', async (t) => {
    const { group } = await runToEnd(t, 'examples/sklearn/polyaxonfile.yml', ['--build']);

    assert.equal(group.progress.succeeded, 10);
    assert.ok((group.best?.value ?? 0) > 0.9);
  });
});
