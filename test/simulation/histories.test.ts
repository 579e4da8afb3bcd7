import { test } from 'node:test';
import { runHistory } from './world.ts';

const HISTORIES = Number(process.env['RUNGWISE_HISTORIES'] ?? 40);

test('no history of dying callers, lost answers and zombies breaks an invariant or stands still', async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const history = {
      seed,
      concurrency: 1 + (seed % 5),
      planned: 3 + (seed % 17),
      workers: 1 + (seed % 7),
      faults: (seed % 4) * 0.03,
    };
    try {
      await runHistory(history);
    } catch (error) {
      throw new Error(`history ${JSON.stringify(history)} fails`, { cause: error });
    }
  }
});
