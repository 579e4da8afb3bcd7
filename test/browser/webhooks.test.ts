import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Endpoint } from '../helpers/endpoint.ts';
import { eventIn, startEndpoint, verify, withStatus } from '../helpers/endpoint.ts';
import { assertAccessible, assertFits, open, startService } from './harness.ts';
import { createGroup, RANDOM_SEARCH } from './search.ts';

interface Told {
  readonly url: string;
  readonly page: Page;
  readonly endpoint: Endpoint;
  readonly secret: string;
}

/** The text of a secret that is shown, which is closed then. */
async function readSecret(page: Page, title: string): Promise<string> {
  const dialog = page.getByRole('dialog', { name: title });
  const secret = await dialog.getByRole('region', { name: 'Secret' }).innerText();
  await dialog.getByRole('button', { name: 'I have it' }).click();
  return secret.trim();
}

/** Makes a webhook for a real endpoint by the page, and opens it. */
async function createWebhook(
  t: TestContext,
  look: { readonly width?: number; readonly theme?: 'light' | 'dark' } = {},
): Promise<Told> {
  const { url } = await startService(t, true);
  const endpoint = await startEndpoint(t);
  const { page } = await open(t, `${url}/webhooks`, look);
  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = page.getByRole('dialog', { name: 'New webhook' });
  await form.getByLabel('URL').fill(endpoint.url);
  await form.getByLabel('Description').fill('tells the team');
  await form.getByRole('button', { name: 'Create the webhook' }).click();
  const secret = await readSecret(page, 'Secret of the webhook');
  await page.getByRole('link', { name: endpoint.url }).click();
  await page.getByRole('heading', { name: endpoint.url }).waitFor();
  return { url, page, endpoint, secret };
}

const rowsOf = (page: Page) => page.getByRole('table', { name: /Deliveries/ }).getByRole('row');

describe('webhooks', () => {
  test('a test arrives, signed with the secret that was shown once', async (t) => {
    const { page, endpoint, secret } = await createWebhook(t);

    await page.getByRole('button', { name: 'Send a test' }).click();

    const [received] = await endpoint.count(1);
    assert.ok(received);
    assert.equal(eventIn(received).type, 'webhook.test');
    verify(received, secret);
    await rowsOf(page).filter({ hasText: 'delivered' }).getByText('answered 204').waitFor();
  });

  test('a delivery that failed shows why, and is sent again by a button', async (t) => {
    const { page, endpoint } = await createWebhook(t);
    endpoint.answer((response) => response.writeHead(500).end('the disk is full'));
    await page.getByRole('button', { name: 'Send a test' }).click();
    const row = rowsOf(page).filter({ hasText: 'webhook.test' });
    await row.getByText('answered 500').waitFor();
    await row.getByRole('button', { name: 'webhook.test', exact: true }).click();
    await page.getByRole('dialog').getByText('the disk is full').first().waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

    endpoint.answer(withStatus(204));
    await row.getByRole('button', { name: 'Send again: webhook.test' }).click();

    await row.getByText('delivered').waitFor();
  });

  test('an event of a group is delivered, and its group is a link', async (t) => {
    const { url, page, endpoint } = await createWebhook(t);

    const group = await createGroup(url, RANDOM_SEARCH);

    await endpoint.count(1);
    const row = rowsOf(page).filter({ hasText: 'group.created' });
    await row.getByText('delivered').waitFor();
    assert.equal(
      await row.getByRole('link', { name: group }).getAttribute('href'),
      `/groups/${group}`,
    );
  });

  test('events and groups can be changed; a mistake is said beside them', async (t) => {
    const { url, page } = await createWebhook(t);
    const group = await createGroup(url, RANDOM_SEARCH);
    await page.getByRole('button', { name: 'Change …' }).click();
    const form = page.getByRole('dialog', { name: 'Change the webhook' });
    assert.ok(await form.getByRole('checkbox', { name: 'group.done' }).isDisabled());

    await form.getByLabel('URL').fill('ftp://127.0.0.1/');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').getByText('ftp://').first().waitFor();
    await form.getByLabel('URL').fill('http://127.0.0.1:9/hook');
    await form.getByRole('checkbox', { name: 'all: group.*' }).uncheck();
    await form.getByRole('checkbox', { name: 'group.done' }).check();
    await form.getByRole('radio', { name: 'only these' }).check();
    await form.getByRole('checkbox', { name: 'mnist-cnn' }).check();
    await form.getByRole('button', { name: 'Save' }).click();

    await page.getByRole('heading', { name: 'http://127.0.0.1:9/hook' }).waitFor();
    await page.getByText('group.done', { exact: true }).waitFor();
    await page.getByRole('definition').getByRole('link', { name: group }).waitFor();
  });

  test('a disabled webhook says so and sends nothing until it is enabled', async (t) => {
    const { page } = await createWebhook(t);

    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Nothing is sent: a caller has disabled it.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Send a test' }).isDisabled());
    await page.getByRole('button', { name: 'Enable' }).click();

    await page.getByText('Nothing is sent').waitFor({ state: 'detached' });
    assert.ok(await page.getByRole('button', { name: 'Send a test' }).isEnabled());
  });

  test('a new secret signs at once, and the one before beside it', async (t) => {
    const { page, endpoint, secret } = await createWebhook(t);
    await page.getByRole('button', { name: 'New secret …' }).click();
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    const next = await readSecret(page, 'New secret of the webhook');

    await page.getByRole('button', { name: 'Send a test' }).click();

    const [received] = await endpoint.count(1);
    assert.ok(received);
    assert.notEqual(next, secret);
    verify(received, next);
    verify(received, secret);
  });

  test('what has not arrived since a time is sent again', async (t) => {
    const { page, endpoint } = await createWebhook(t);
    endpoint.answer(withStatus(503));
    await page.getByRole('button', { name: 'Send a test' }).click();
    await rowsOf(page).getByText('answered 503').waitFor();
    endpoint.answer(withStatus(204));

    await page.getByRole('button', { name: 'Send again …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send again what has not arrived' });
    await dialog.getByRole('button', { name: 'Send again' }).click();
    await dialog.getByText('1 event on the way again.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();

    await rowsOf(page).getByText('delivered').waitFor();
  });

  test('a webhook is deleted once that is confirmed', async (t) => {
    const { page, endpoint } = await createWebhook(t);
    await page.getByRole('button', { name: 'Delete …' }).click();
    await page.getByRole('button', { name: 'Delete the webhook' }).click();

    await page.getByRole('heading', { name: 'There is no webhook yet' }).waitFor();
    assert.equal(await page.getByRole('link', { name: endpoint.url }).count(), 0);
  });

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      test(`the pages and their dialogs are accessible, ${theme}, ${width} px wide`, async (t) => {
        const { url, page } = await createWebhook(t, { theme, width });
        await page.getByRole('button', { name: 'Send a test' }).click();
        await rowsOf(page).getByText('delivered').waitFor();
        await assertAccessible(page);
        await assertFits(page);
        for (const button of ['Change …', 'Send again …', 'New secret …', 'webhook.test']) {
          await page.getByRole('button', { name: button, exact: true }).click();
          await assertAccessible(page);
          await page.keyboard.press('Escape');
        }
        await page.goto(`${url}/webhooks`);
        await page.getByRole('table', { name: /Webhooks/ }).waitFor();

        await assertAccessible(page);
        await assertFits(page);
      });
    }
  }
});
