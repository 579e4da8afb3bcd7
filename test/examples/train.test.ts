import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { Line } from './training.ts';
import { ROOT, readLine, readLines, train } from './training.ts';

const SCRIPT = 'examples/digits/train.mjs';
const SMALL = [SCRIPT, '--hidden=8', '--epochs=3'];

const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;

const metricsOf = (lines: readonly Line[], name: string): readonly unknown[] =>
  lines.filter((line) => name in line).map((line) => line[name]);

test('a training reports loss and accuracy for every epoch, and the held-out accuracy at the end', () => {
  const lines = readLines(train(process.execPath, SMALL));

  assert.deepEqual(
    lines.map((line) => Object.keys(line)),
    [...Array(3).fill(['loss', 'accuracy', 'step']), ['test_accuracy', 'step']],
  );
  assert.deepEqual(metricsOf(lines, 'step'), [1, 2, 3, 3]);
  assert.ok(metricsOf(lines, 'accuracy').every(isShare));
  assert.ok(metricsOf(lines, 'test_accuracy').every(isShare));
});

test('the same flags print the same lines, another seed prints others', () => {
  const first = train(process.execPath, SMALL);

  assert.equal(train(process.execPath, SMALL), first);
  assert.notEqual(train(process.execPath, [...SMALL, '--seed=1']), first);
});

test('good values beat poor ones on the held-out digits', () => {
  const good = readLines(train(process.execPath, [...SMALL, '--lr=0.1']));
  const poor = readLines(train(process.execPath, [...SMALL, '--lr=0.0001']));

  assert.ok(Number(good.at(-1)?.['test_accuracy']) > 0.8);
  assert.ok(Number(poor.at(-1)?.['test_accuracy']) < 0.5);
});

test('a diverged training reports its loss as the string NaN and ends without a failure', () => {
  const lines = readLines(train(process.execPath, [...SMALL, '--lr=1e200']));

  assert.equal(metricsOf(lines, 'loss').at(-1), 'NaN');
  assert.equal(metricsOf(lines, 'accuracy').at(-1), 0);
});

test('a training resumed from a checkpoint goes on as if it had never paused', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'digits-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const whole = readLines(train(process.execPath, SMALL));

  const paused = readLines(
    train(process.execPath, [...SMALL, '--epochs=1', `--checkpoint-dir=${folder}`]),
  );
  const checkpoint = String(metricsOf(paused, 'checkpoint').at(-1));
  const resumed = readLines(train(process.execPath, SMALL, { RUNGWISE_RESUME_FROM: checkpoint }));

  assert.deepEqual(resumed, whole.slice(1));
});

test('a training resumed at its last epoch reports where it stands', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'digits-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const paused = readLines(train(process.execPath, [...SMALL, `--checkpoint-dir=${folder}`]));
  const checkpoint = String(metricsOf(paused, 'checkpoint').at(-1));

  const resumed = readLines(train(process.execPath, SMALL, { RUNGWISE_RESUME_FROM: checkpoint }));

  assert.deepEqual(resumed, [paused[2], paused.at(-1)]);
});

for (const flag of ['--lr=abc', '--hidden=2.5', '--batch-size=0', '--activation=step', '--lrr=1']) {
  test(`the flag ${flag} is refused and nothing is reported`, () => {
    const run = spawnSync(process.execPath, [SCRIPT, flag], { cwd: ROOT, encoding: 'utf8' });

    assert.equal(run.status, 1);
    assert.equal(run.stdout, '');
    assert.ok(run.stderr.includes(flag.split('=')[0] ?? flag));
  });
}

test('SIGTERM ends a training after the epoch it is in, with the held-out accuracy so far', async () => {
  const child = spawn(process.execPath, [SCRIPT, '--hidden=8', '--epochs=1000000'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines: Line[] = [];

  for await (const text of createInterface(child.stdout)) {
    lines.push(readLine(text));
    if (lines.length === 1) child.kill('SIGTERM');
  }

  assert.deepEqual(await closed, [143, null]);
  assert.equal(lines[0]?.['step'], 1);
  assert.ok(isShare(lines.at(-1)?.['test_accuracy']));
  assert.equal(lines.at(-1)?.['step'], lines.length - 1);
});
