/**
 * npm run check:model: checks the model of how rungs are closed with SPIN, and that each variant which leaves a rule out
 * breaks the property that the rule is there for.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Check {
  readonly variant: string;
  readonly mode: number;
  /** Definitions that keep the state space small enough for its question. */
  readonly size: readonly string[];
  readonly property: 'safety' | 'finished';
  /** What must break; null where everything must hold. */
  readonly breaks: string | null;
}

const SMALL = ['-DFAULTS=1'];
/** Whether something happens finally takes many more states than whether something never happens. */
const TINY = ['-DN=2', '-DFAULTS=1'];

const CHECKS: readonly Check[] = [
  { variant: 'by the rules', mode: 0, size: SMALL, property: 'safety', breaks: null },
  { variant: 'by the rules', mode: 0, size: TINY, property: 'finished', breaks: null },
  {
    variant: 'count every report',
    mode: 1,
    size: [],
    property: 'safety',
    breaks: 'promoted_is_a_function_of_frozen_results',
  },
  {
    variant: 'count if new',
    mode: 2,
    size: [],
    property: 'safety',
    breaks: 'promoted_is_a_function_of_frozen_results',
  },
  { variant: 'no sweep', mode: 3, size: TINY, property: 'finished', breaks: 'acceptance cycle' },
  {
    variant: 'random ids',
    mode: 4,
    size: [],
    property: 'safety',
    breaks: 'a_child_is_created_once',
  },
  {
    variant: 'read, then write',
    mode: 5,
    size: [],
    property: 'safety',
    breaks: 'a_rung_is_decided_once',
  },
  {
    variant: 'no fence',
    mode: 6,
    size: [],
    property: 'safety',
    breaks: 'only_the_holder_ends_an_experiment',
  },
  {
    variant: 'the last report wins',
    mode: 7,
    size: [],
    property: 'safety',
    breaks: 'an_end_stays',
  },
];

const MODEL = join(import.meta.dirname, '../model/rung-promotion.pml');
const DEPTH = '-m3000000';
const MODES = {
  safety: { compile: ['-DSAFETY', '-DNOCLAIM'], run: [DEPTH] },
  finished: { compile: ['-DNFAIR=8'], run: [DEPTH, '-a', '-f', '-N', 'finished'] },
} as const;

const has = (program: string): boolean =>
  spawnSync(program, ['-V'], { stdio: 'ignore' }).error === undefined;

function run(program: string, args: readonly string[], cwd: string): string {
  const { stdout, error, status } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stdout}`);
  return stdout;
}

/** What a check finds: the property that breaks, or null; and in how many states. */
function find({ mode, size, property }: Check): { broken: string | null; states: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-model-'));
  try {
    run('spin', [`-DMODE=${mode}`, ...size, '-a', MODEL], folder);
    run(
      'gcc',
      ['-O2', '-w', '-DCOLLAPSE', ...MODES[property].compile, '-o', 'pan', 'pan.c'],
      folder,
    );
    const output = run('./pan', MODES[property].run, folder);
    if (/max search depth too small|out of memory/.test(output)) throw new Error(output);
    return {
      broken:
        /assertion violated (\w+)|(acceptance cycle) \(/.exec(output)?.slice(1).find(Boolean) ??
        null,
      states: /(\d+) states, stored/.exec(output)?.[1] ?? '?',
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (!has('spin') && process.env['CI'] === 'true') {
  spawnSync('apt-get', ['install', '-y', 'spin', 'gcc'], { stdio: 'ignore' });
}
if (!has('spin') || !has('gcc')) {
  console.error('check:model needs SPIN and a C compiler: on Debian, apt-get install spin gcc');
  process.exit(1);
}

let failed = 0;
console.log(
  '| variant | question | must break | breaks | states | seconds |\n|---|---|---|---|---|---|',
);
for (const check of CHECKS) {
  const began = performance.now();
  const { broken, states } = find(check);
  if (broken !== check.breaks) failed++;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(
    `| ${check.variant} | ${check.property} | ${check.breaks ?? 'nothing'} | ${broken ?? 'nothing'} | ${states} | ${seconds} |`,
  );
}
console.log(`\n${CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
