import { after, before, describe, test } from 'node:test';
import { assertLaunched, launch, SEARCHES } from '../examples/launching.ts';
import type { Environment } from '../helpers/python.ts';
import { createEnvironment, pythonMissing } from '../helpers/python.ts';

const PACKAGE = 'standardwebhooks==1.1.0';

describe('the launcher for Python', {
  skip: pythonMissing,
}, () => {
  let environment: Environment;
  before(async () => {
    environment = await createEnvironment();
    await environment.pip('install', '--quiet', '--no-deps', PACKAGE);
  });
  after(() => environment.remove());

  for (const [name, search] of Object.entries(SEARCHES)) {
    test(`runs ${name} without asking, whatever is lost or comes twice`, async (t) => {
      const { python } = environment;
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
