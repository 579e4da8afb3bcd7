import { test } from 'node:test';
import { historyOf, runHistory } from './world.ts';

/** Enough to notice a broken rule; `npm run simulate` runs as many as one likes. */
const HISTORIES = 60;

test('no history of dying callers, lost answers and zombies breaks a rule or stands still', async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) await runHistory(historyOf(seed));
});
