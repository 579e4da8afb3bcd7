// A training in miniature, for the tests of the agent: node training.mjs MODE [argument ...]
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [mode, ...args] = process.argv.slice(2);
const report = (values) => process.stdout.write(`rungwise ${JSON.stringify(values)}\n`);

const MODES = {
  /** Reports a loss for each of some steps, all at once. */
  steps(count, loss = '1') {
    for (let step = 1; step <= Number(count); step++) report({ loss: Number(loss) / step, step });
  },
  /** Writes its environment to a file. */
  environment(file) {
    const own = Object.entries(process.env).filter(([name]) => name.startsWith('RUNGWISE_'));
    appendFileSync(file, `${JSON.stringify(Object.fromEntries(own))}\n`);
    report({ loss: 1 });
  },
  /** Prints what it is told to, as it is. */
  print(...lines) {
    process.stdout.write(lines.join('\n'));
  },
  fail(code) {
    report({ loss: 0.5, step: 1 });
    console.log('reading the data');
    console.error('Error: there is no data');
    process.exitCode = Number(code);
  },
  /** Reports again and again, until it is told to end or a file appears. */
  async forever(file) {
    let step = 0;
    do {
      step += 1;
      report({ loss: 1 / step, step });
      await sleep(20);
    } while (!existsSync(file ?? ''));
  },
  /** Takes its time to end, as one that writes a checkpoint does. */
  async slow() {
    process.on('SIGTERM', () => setTimeout(() => process.exit(0), 500));
    await MODES.forever();
  },
  /** Cannot be told to end. */
  async stubborn() {
    process.on('SIGTERM', () => {});
    for (let step = 1; ; step++) {
      report({ loss: 1 / step, step });
      await sleep(20);
    }
  },
  async kill() {
    process.kill(process.pid, 'SIGKILL');
    await sleep(10_000);
  },
};

await MODES[mode](...args);
