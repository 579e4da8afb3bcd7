import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { ROOT, readLine, readLines, train } from '../examples/training.ts';

const SCRIPT = 'examples/reference/train.py';
const SMALL = [SCRIPT, '--batch-size=128', '--lr=1.0233', '--dropout=0.2', '--epochs=2'];
const options = {
  skip: spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3 here',
};

for (const activation of ['none', 'elu', 'relu', 'sigmoid']) {
  test(
    `a training with activation ${activation} reports every epoch and repeats itself`,
    options,
    () => {
      const flags = activation === 'none' ? SMALL : [...SMALL, `--activation=${activation}`];

      const output = train('python3', flags);

      const lines = readLines(output);
      assert.deepEqual(
        lines.map((line) => Object.keys(line)),
        [
          ['loss', 'accuracy', 'step'],
          ['loss', 'accuracy', 'step'],
        ],
      );
      assert.deepEqual(
        lines.map((line) => line['step']),
        [1, 2],
      );
      assert.ok(lines.every((line) => Number(line['accuracy']) >= 0 && Number(line['loss']) > 0));
      assert.equal(train('python3', flags), output);
    },
  );
}

for (const flag of ['--lr=0.01', '--dropout=0.5', '--batch-size=32', '--param1=0.9']) {
  test(`${flag} changes what the training reports`, options, () => {
    assert.notEqual(train('python3', [...SMALL, flag]), train('python3', SMALL));
  });
}

test('a diverged training reports its loss as the string NaN', options, () => {
  const lines = readLines(train('python3', [...SMALL, '--lr=1e200', '--activation=relu']));

  assert.equal(lines.at(-1)?.['loss'], 'NaN');
});

test('SIGTERM ends a training that is far from its last epoch', options, async () => {
  const child = spawn('python3', [SCRIPT, '--epochs=1000000'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [first] = await once(createInterface(child.stdout), 'line');

  child.kill('SIGTERM');

  assert.equal(readLine(String(first))['step'], 1);
  assert.deepEqual(await exit, [null, 'SIGTERM']);
});
