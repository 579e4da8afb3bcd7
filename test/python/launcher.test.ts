import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { assertLaunched, launch, SEARCHES } from '../examples/launching.ts';

const PACKAGE = 'standardwebhooks==1.1.0';
const run = promisify(execFile);
const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;

describe('the launcher for Python', {
  skip: hasPython ? false : 'there is no python3 of 3.9 or newer here',
}, () => {
  let folder: string;
  let python: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rungwise-python-'));
    const venv = join(folder, 'venv');
    await run('python3', ['-m', 'venv', venv]);
    python = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
    await run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', PACKAGE]);
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  for (const [name, search] of Object.entries(SEARCHES)) {
    test(`runs ${name} without asking, whatever is lost or comes twice`, async (t) => {
      const epochs = 'hyperband' in search ? '{{ epochs }}' : '1';
      const flags = `--batch-size=128 --dropout=0.2 --lr={{ lr }} --epochs=${epochs}`;

      const launched = await launch(t, [python, 'examples/launchers/launcher.py'], {
        hptuning: { concurrency: 2, matrix: { lr: { uniform: [0.1, 1] } }, ...search },
        cmd: `'${python}' examples/reference/train.py ${flags}`,
      });

      assertLaunched(launched);
    });
  }
});
