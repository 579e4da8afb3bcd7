import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCache } from '../../../bench/search/cache.ts';
import type { Run } from '../../../bench/search/job.ts';

const RUN: Run = {
  optimizer: 'optuna tpe',
  version: 'optuna 5.0.0',
  function: 'branin',
  fingerprint: '0a1b',
  seed: 1,
  budget: 6,
  parallel: 1,
  cold: false,
  best: [null, null, 2.5, 0.25, 0.25, 0.5],
  wall_ms: 2,
  cpu_ms: 1.5,
  process_cpu_s: 0.25,
  machine: 'some processor',
};

function inFile(work: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-cache-'));
  try {
    work(join(folder, 'runs.jsonl'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a run is found in a cache that was opened again, evaluation by evaluation', () => {
  inFile((file) => {
    openCache(file).add(RUN);

    assert.deepEqual(openCache(file).find(RUN), RUN);
  });
});

test('a run of another version, or with a cold start, is not found', () => {
  inFile((file) => {
    openCache(file).add(RUN);

    const cache = openCache(file);

    assert.equal(cache.find({ ...RUN, version: 'optuna 5.0.1' }), null);
    assert.equal(cache.find({ ...RUN, cold: true }), null);
  });
});

test('a line that was cut off costs that run and no other', () => {
  inFile((file) => {
    openCache(file).add(RUN);
    appendFileSync(file, '{"optimizer":"optuna tpe","vers');
    openCache(file).add({ ...RUN, seed: 2 });

    const cache = openCache(file);

    assert.deepEqual(cache.find(RUN), RUN);
    assert.deepEqual(cache.find({ ...RUN, seed: 2 })?.best, RUN.best);
  });
});
