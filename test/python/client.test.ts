import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Experiment, Group } from '../../cli/answers.ts';
import { createService, expectAnswer } from '../../cli/client.ts';
import { eachExperiment } from '../../cli/pages.ts';
import {
  documentOf,
  planned,
  ROOT,
  serve,
  start,
  temporaryFolder,
  writeDocument,
} from '../cli/helpers.ts';
import type { Environment } from '../helpers/python.ts';
import { createEnvironment, pythonMissing } from '../helpers/python.ts';

/*
 * The Python client, as its users get it: built into a wheel, installed into an environment of its own.
 */

const PACKAGE = join(ROOT, 'clients/python');
const TRAINING = join(PACKAGE, 'tests/training.py');
const run = promisify(execFile);

const snippets = (page: string): readonly string[] =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/```python\n(.*?)```/gs)].map(
    ([, code]) => code ?? '',
  );

describe('the Python client', {
  skip: pythonMissing,
}, () => {
  let own: Environment;
  let python: string;

  before(async () => {
    own = await createEnvironment();
    python = own.python;
    // The build itself takes its back end from the package index; the installation takes nothing.
    const built = join(own.folder, 'wheel');
    await own.pip('wheel', '--quiet', '--no-deps', '-w', built, PACKAGE);
    const wheels = readdirSync(built);
    assert.deepEqual(wheels, ['rungwise-0.1.0-py3-none-any.whl']);
    const install = ['install', '--quiet', '--no-index', '--no-deps'];
    await own.pip(...install, ...wheels.map((wheel) => join(built, wheel)));
  });
  after(() => own.remove());

  /** The environment in which the wheel is installed, and nothing of ours is set but what is given. */
  function environment(
    given: Readonly<Record<string, string>>,
  ): Record<string, string | undefined> {
    const path = [own.bin, process.env['PATH']].join(delimiter);
    const { RUNGWISE_KEY: _key, PYTHONPATH: _path, ...rest } = process.env;
    return { ...rest, PATH: path, PYTHONDONTWRITEBYTECODE: '1', ...given };
  }

  test('the wheel is typed and has its licence', async () => {
    const { stdout } = await run(python, ['-c', 'import rungwise; print(rungwise.__path__[0])']);

    const place = stdout.trim();
    assert.ok(existsSync(join(place, 'py.typed')));
    assert.ok(existsSync(`${place}-0.1.0.dist-info/licenses/LICENSE`));
  });

  test('its own tests pass against the service', async (t) => {
    const { url } = await serve(t, temporaryFolder(t));

    const { stderr } = await run(python, ['-m', 'unittest', 'discover', '-t', '.', '-s', 'tests'], {
      cwd: PACKAGE,
      env: environment({ RUNGWISE_URL: url }),
    });

    assert.match(stderr, /^Ran [1-9]\d* tests[\s\S]*^OK$/m);
  });

  for (const page of ['docs/python.md', 'clients/python/README.md']) {
    test(`every snippet of ${page} runs`, async (t) => {
      const { url } = await serve(t, temporaryFolder(t));
      const cwd = temporaryFolder(t);
      copyFileSync(join(ROOT, 'examples/loop/polyaxonfile.yml'), join(cwd, 'polyaxonfile.yml'));

      const codes = snippets(page);
      for (const code of codes) {
        await run(python, ['-c', code], { cwd, env: environment({ RUNGWISE_URL: url }) });
      }

      assert.ok(codes.length > 1);
    });
  }

  /** Runs a training that uses the client, by `rungwise run`; returns the group and its experiments. */
  async function runTraining(
    t: TestContext,
    mode: string,
    hptuning: object,
  ): Promise<{ readonly group: Group; readonly experiments: readonly Experiment[] }> {
    const cwd = temporaryFolder(t);
    const { url } = await serve(t, cwd);
    const document = documentOf(`'${python}' '${TRAINING}' ${mode}`, hptuning);
    const { ended } = start(t, cwd, ['run', writeDocument(cwd, document), '--server', url]);

    const { code, stdout, stderr } = await ended;

    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const service = createService({ url, key: null });
    const { items } = expectAnswer(await service.call('listGroups'));
    const [group] = items;
    assert.ok(group !== undefined);
    const experiments: Experiment[] = [];
    for await (const experiment of eachExperiment(service, { group: group.id })) {
      experiments.push(experiment);
    }
    return { group, experiments };
  }

  test('a training that the command line runs takes its values and reports by the client', async (t) => {
    const { group, experiments } = await runTraining(t, 'train', planned(3));

    assert.equal(group.progress.succeeded, 3);
    for (const { number, values, metrics, checkpoint } of experiments) {
      assert.deepEqual([metrics['loss']?.count, metrics['loss']?.last], [3, values['lr']]);
      assert.equal(checkpoint, `/checkpoints/${number}`);
    }
  });

  test('early stopping reaches a training by the answer to its report', async (t) => {
    const { group, experiments } = await runTraining(t, 'race', {
      ...planned(20),
      concurrency: 2,
      early_stopping: [{ metric: 'loss', value: -5, optimization: 'minimize' }],
    });

    assert.equal(group.status_reason?.code, 'early_stopping');
    assert.deepEqual(
      experiments.map(({ status, message }) => [status, message]),
      [
        ['stopped', 'told to stop: early_stopping'],
        ['stopped', 'told to stop: early_stopping'],
      ],
    );
  });

  test('a stop reaches a training that reports nothing by SIGTERM', async (t) => {
    const { experiments } = await runTraining(t, 'silent', {
      ...planned(20),
      concurrency: 2,
      lease_seconds: 10,
      early_stopping: [{ metric: 'loss', value: 1, optimization: 'minimize' }],
    });

    assert.deepEqual(
      experiments.map(({ status }) => status),
      ['stopped', 'stopped'],
    );
  });

  test('a training can end as infeasible although its process ends well', async (t) => {
    const { group } = await runTraining(t, 'infeasible', { ...planned(3), max_failures: 3 });

    assert.equal(group.progress.succeeded, 1);
    assert.equal(group.progress.infeasible, 2);
  });
});
