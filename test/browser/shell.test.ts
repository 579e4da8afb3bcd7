import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAccessible, assertFits, open, startService } from './harness.ts';

describe('the shell', () => {
  test('an address without a page says so and leads back', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/groups/grp_x/nothing/here`);

    await page.getByRole('heading', { name: 'There is no page' }).waitFor();
    await page.getByRole('link', { name: 'All groups' }).click();

    await page.getByRole('heading', { name: 'There is no group yet' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
  });

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      test(`the page without groups is accessible, ${theme}, ${width} px wide`, async (t) => {
        const { url } = await startService(t);
        const { page } = await open(t, url, { theme, width });
        await page.getByRole('heading', { name: 'There is no group yet' }).waitFor();

        await assertAccessible(page);
        await assertFits(page);
      });
    }
  }
});
