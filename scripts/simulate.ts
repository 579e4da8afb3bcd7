/**
 * npm run simulate -- [--seed N] [--histories M] [--until-broken]: histories of the real use cases under faults, each a function of its
 * seed. A history that breaks a rule is printed with its last steps; `--seed N --histories 1` plays it again.
 */
import { parseArgs } from 'node:util';
import { BrokenHistory, historyOf, runHistory } from '../test/simulation/world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    histories: { type: 'string', default: '2000' },
    'until-broken': { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const histories = Number(values.histories);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(histories) || histories < 1) {
  console.error('simulate: --seed and --histories are whole numbers');
  process.exit(2);
}

/** Broken histories that are shown; one is enough to work on. */
const SHOWN = 3;

let broken = 0;
let steps = 0;
const began = performance.now();
for (let seed = first; seed < first + histories; seed++) {
  try {
    steps += (await runHistory(historyOf(seed))).steps;
  } catch (error) {
    if (!(error instanceof BrokenHistory)) throw error;
    broken++;
    if (broken > SHOWN) continue;
    console.log(`\n${error.message}\n${error.trace.join('\n')}`);
    console.log(`again: npm run simulate -- --seed ${seed} --histories 1\n`);
  }
  if (broken > 0 && values['until-broken']) break;
  const done = seed - first + 1;
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${histories} histories`);
  else if (done % 500 === 0) console.error(`${done} of ${histories} histories`);
}
const seconds = (performance.now() - began) / 1000;
console.log(
  `\n${histories} histories from seed ${first}: ${steps} steps in ${seconds.toFixed(0)} s, ${broken} broken`,
);
console.log(`${histories - broken} passed, ${broken} failed`);
process.exitCode = broken === 0 ? 0 : 1;
