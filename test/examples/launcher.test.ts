import { describe, test } from 'node:test';
import { assertLaunched, launch, SEARCHES } from './launching.ts';

const LAUNCHER = [process.execPath, 'examples/launchers/launcher.mjs'] as const;
const TRAIN = `'${process.execPath}' examples/digits/train.mjs --hidden=8 --lr={{ lr }}`;

describe('the launcher for Node', () => {
  for (const [name, search] of Object.entries(SEARCHES)) {
    test(`runs ${name} without asking, whatever is lost or comes twice`, async (t) => {
      const epochs = 'hyperband' in search ? '{{ epochs }}' : '1';

      const launched = await launch(t, LAUNCHER, {
        hptuning: { concurrency: 2, matrix: { lr: { loguniform: [-6, -1] } }, ...search },
        cmd: `${TRAIN} --epochs=${epochs}`,
      });

      assertLaunched(launched);
    });
  }
});
