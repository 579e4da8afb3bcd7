import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { html } from '../../cli/report/html.ts';
import { runCli, temporaryFolder, training, writeDocument } from './helpers.ts';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&';

/** Runs a small Hyperband and returns the text of its report. */
async function reportOf(t: TestContext, more: object): Promise<string> {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const document = writeDocument(folder, {
    version: 1,
    kind: 'group',
    ...more,
    hptuning: {
      seed: 1,
      concurrency: 4,
      hyperband: {
        max_iter: 9,
        eta: 3,
        resource: { name: 'epochs', type: 'int' },
        metric: { name: 'loss', optimization: 'minimize' },
      },
      matrix: {
        lr: { loguniform: [-9, 0] },
        momentum: { uniform: [0, 1] },
        layers: { values: [HOSTILE, 'two'] },
      },
    },
    run: { cmd: training('{{lr}}') },
  });
  assert.equal((await runCli('run', document, '--data', data)).code, 0);
  const file = join(folder, 'report.html');
  const { code, stderr } = await runCli(
    'export',
    'latest',
    '--data',
    data,
    '--format',
    'html',
    '-o',
    file,
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /wrote a report on grp_/);
  return readFileSync(file, 'utf8');
}
