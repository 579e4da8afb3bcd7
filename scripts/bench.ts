// npm run bench [-- NAME [argument ...]]: runs bench/NAME.ts; without a name lists what there is.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const [name, ...args] = process.argv.slice(2);

/** The first line of the comment that opens a benchmark. */
const summaryOf = (file: string): string =>
  /^(?:\/\/|\/\*)[\s*]*(.*)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';

function list(): void {
  const files = globSync('bench/*.ts', { cwd: root }).sort();
  for (const file of files)
    console.log(`npm run bench ${basename(file, '.ts')}  ${summaryOf(join(root, file))}`);
  if (files.length === 0) console.log('bench/ has no benchmark');
}

function start(benchmark: string): number {
  const file = join(root, 'bench', `${basename(benchmark, '.ts')}.ts`);
  if (!existsSync(file)) {
    console.error(`no benchmark is named ${benchmark}; these are there:`);
    list();
    return 1;
  }
  const argv = [...process.execArgv, file, ...args];
  return spawnSync(process.execPath, argv, { stdio: 'inherit' }).status ?? 1;
}

if (name === undefined) list();
else process.exitCode = start(name);
