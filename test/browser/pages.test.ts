import { after, describe, test } from 'node:test';
import { assertAccessible, assertFits, assertStill, open, startService } from './harness.ts';
import { begin, createGroup, HYPERBAND, RANDOM_SEARCH, work } from './search.ts';
import { settled } from './settled.ts';

/*
 * Every page that shows a search, in both themes, narrow and wide: nothing keeps anybody from using it, nothing stands out
 * of the window, nothing moves once it is there.
 */

const PAGES: Readonly<Record<string, (ids: { random: string; hyperband: string }) => string>> = {
  groups: () => '/',
  overview: ({ random }) => `/groups/${random}`,
  parameters: ({ random }) => `/groups/${random}?tab=parameters`,
  rungs: ({ hyperband }) => `/groups/${hyperband}?tab=rungs`,
  curves: ({ hyperband }) => `/groups/${hyperband}?tab=curves`,
  experiments: ({ random }) => `/groups/${random}?tab=experiments`,
  log: ({ random }) => `/groups/${random}?tab=events`,
  document: ({ random }) => `/groups/${random}?tab=document`,
  'experiment on a rung': ({ hyperband }) => `/groups/${hyperband}/experiments/1`,
  'failed experiment': ({ random }) => `/groups/${random}/experiments/7`,
  'unknown group': () => '/groups/grp_x',
};

const service = await startService({ after });
const ids = {
  random: await createGroup(service.url, RANDOM_SEARCH),
  hyperband: await createGroup(service.url, HYPERBAND),
};
await work(service.url, ids.hyperband);
await work(service.url, ids.random, { most: 20 });
// It runs on, so that the page is live.
await begin(service.url, ids.random);

describe('a page', () => {
  for (const [name, path] of Object.entries(PAGES)) {
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [360, 1280]) {
        test(`${name}, ${theme}, ${width} px wide`, async (t) => {
          const { page } = await open(t, `${service.url}${path(ids)}`, { theme, width });
          await settled(page);

          await assertStill(page);
          await assertAccessible(page);
          await assertFits(page);
        });
      }
    }
  }
});
