// How much code each function's cold start reads, and how long loading it takes, against a bare handler

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleFunction } from '../infra/bundle.ts';
import { FUNCTION_NAMES } from '../infra/functions.ts';

const TARGETS = { kilobytes: 450, ms: 45 } as const;

const { values } = parseArgs({ options: { processes: { type: 'string', default: '25' } } });
const processes = Number(values.processes);

/** Lambda's own client has loaded this before it loads the function. */
const LOADED_BEFORE = "process.getBuiltinModule('node:http');";

/** Loads the folder's code in a process of its own and returns how long that took, ms. */
function load(folder: string, before: string): number {
  const url = JSON.stringify(pathToFileURL(join(folder, 'index.mjs')).href);
  const script = `${before}
    const started = performance.now();
    const { handler } = await import(${url});
    const ms = performance.now() - started;
    console.log(typeof handler === 'function' ? ms : NaN);`;
  const args = ['--input-type=module', '--eval', script];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8', env: {} }));
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

const root = mkdtempSync(join(tmpdir(), 'rungwise-cold-'));
try {
  const bare = join(root, 'bare');
  mkdirSync(bare);
  writeFileSync(
    join(bare, 'index.mjs'),
    'export const handler = async () => ({ statusCode: 200 });',
  );
  const functions = FUNCTION_NAMES.map((name) => {
    const folder = join(root, name);
    return { name, folder, size: bundleFunction(name, folder) };
  });
  const places = [{ name: 'bare', folder: bare }, ...functions];
  const noTimes = (): { alone: number[]; inLambda: number[] } => ({ alone: [], inLambda: [] });
  const times = new Map(places.map(({ name }) => [name, noTimes()]));
  // In turns, so that what else the machine does meets all of them alike.
  for (let i = 0; i < processes; i++) {
    for (const { name, folder } of places) {
      times.get(name)?.alone.push(load(folder, ''));
      times.get(name)?.inLambda.push(load(folder, LOADED_BEFORE));
    }
  }
  const over = (name: string, kind: 'alone' | 'inLambda'): number =>
    median(times.get(name)?.[kind] ?? []) - median(times.get('bare')?.[kind] ?? []);
  const kilobytes = (bytes: number): number => Math.round(bytes / 1024);
  const ms = (time: number): number => Math.round(time * 10) / 10;

  console.log(
    `median of ${processes} processes, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`,
  );
  console.table(
    Object.fromEntries(
      functions.map(({ name, size }) => [
        name,
        {
          'read, KB': kilobytes(size.cold),
          'target, KB': TARGETS.kilobytes,
          'all files, KB': kilobytes(size.total),
          'after http, ms': ms(over(name, 'inLambda')),
          'alone, ms': ms(over(name, 'alone')),
          'target, ms': TARGETS.ms,
        },
      ]),
    ),
  );
} finally {
  rmSync(root, { recursive: true });
}
