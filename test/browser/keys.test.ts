import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible, assertFits, open, startService } from './harness.ts';

/** Makes a key on the page of keys and returns its text. */
async function create(page: Page, name: string, scopes: readonly string[] = []): Promise<string> {
  await page.getByRole('button', { name: /^(New key|Create the first key)$/ }).click();
  const form = page.getByRole('dialog', { name: 'New key' });
  await form.getByLabel('Name').fill(name);
  for (const scope of scopes) await form.getByRole('checkbox', { name: scope }).check();
  await form.getByRole('button', { name: 'Create the key' }).click();
  const shown = page.getByRole('dialog', { name: `Key ${name}` });
  const text = await shown.getByRole('region', { name: 'Secret' }).innerText();
  await shown.getByRole('button', { name: 'I have it' }).click();
  return text.trim();
}

const statusOf = async (url: string, key: string | null): Promise<number> => {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  return (await fetch(`${url}/v1/groups`, { headers })).status;
};

describe('keys', () => {
  test('the first key is shown once, and from then on every call needs one', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/keys`);
    await page.getByRole('heading', { name: 'There is no key' }).waitFor();
    assert.equal(await statusOf(url, null), 200);

    const key = await create(page, 'ada');

    // The page goes on with the new key by itself.
    await page.getByRole('rowheader', { name: /ada/ }).getByText('this page').waitFor();
    assert.match(key, /^rw_/);
    assert.equal(await statusOf(url, null), 401);
    assert.equal(await statusOf(url, key), 200);
    assert.equal(await page.getByText(key).count(), 0);
  });

  test('the page asks for the key when it is loaded anew, and again for one that is wrong', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/keys`);
    const key = await create(page, 'ada');
    await page.reload();

    const ask = page.getByRole('dialog', { name: 'Key of the service' });
    await ask.getByLabel('Key', { exact: true }).fill(`${key.slice(0, -1)}x`);
    await ask.getByRole('button', { name: 'Use this key' }).click();
    await ask.getByRole('alert').waitFor();
    await ask.getByLabel('Key', { exact: true }).fill(key);
    await ask.getByRole('button', { name: 'Use this key' }).click();

    await page.getByRole('rowheader', { name: /ada/ }).waitFor();
  });

  test('a key allows what was chosen, and nothing once it is revoked', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/keys`);
    await create(page, 'ada');
    const worker = await create(page, 'gpu-box', ['groups:read']);
    const row = page.getByRole('row').filter({ hasText: 'gpu-box' });
    await row.getByText('groups:read work').waitFor();
    assert.equal(await statusOf(url, worker), 200);

    await row.getByRole('button', { name: 'Revoke gpu-box' }).click();
    const confirm = page.getByRole('dialog', { name: 'Revoke gpu-box?' });
    await confirm.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await statusOf(url, worker), 200);
    await row.getByRole('button', { name: 'Revoke gpu-box' }).click();
    await confirm.getByRole('button', { name: 'Revoke the key' }).click();

    await row.waitFor({ state: 'detached' });
    assert.equal(await statusOf(url, worker), 401);
  });

  test('the last key gone, the service of a laptop asks for none', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/keys`);
    await create(page, 'ada');

    await page.getByRole('button', { name: 'Revoke ada' }).click();
    await page.getByRole('button', { name: 'Revoke the key' }).click();

    await page.getByRole('heading', { name: 'There is no key' }).waitFor();
    assert.equal(await statusOf(url, null), 200);
  });

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      test(`the page and its dialogs are accessible, ${theme}, ${width} px wide`, async (t) => {
        const { url } = await startService(t);
        const { page } = await open(t, `${url}/keys`, { theme, width });
        await page.getByRole('button', { name: 'Create the first key' }).click();
        await assertAccessible(page);
        await page.getByRole('button', { name: 'Create the key' }).click();
        await page.getByRole('button', { name: 'I have it' }).waitFor();
        await assertAccessible(page);
        await page.getByRole('button', { name: 'I have it' }).click();
        await page.getByRole('button', { name: /^Revoke/ }).waitFor();

        await assertAccessible(page);
        await assertFits(page);
      });
    }
  }
});
