import { describe, test } from 'node:test';
import { createService, expectAnswer } from '../../cli/client.ts';
import { assertAccessible, open, startService } from './harness.ts';
import { createGroup, RANDOM_SEARCH } from './search.ts';

describe('the way to the service', () => {
  test('a service that goes away and comes back is waited for, and the page stays', async (t) => {
    const { url, stop, restart } = await startService(t);
    await createGroup(url, RANDOM_SEARCH);
    const { page } = await open(t, url);
    await page.getByRole('link', { name: 'mnist-cnn' }).waitFor();

    await stop();
    const banner = page.getByText('Connection lost, trying again');
    await banner.waitFor();
    await page.getByRole('link', { name: 'mnist-cnn' }).waitFor();
    await assertAccessible(page);
    await restart();

    await banner.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'mnist-cnn' }).waitFor();
  });

  test('a page that finds nobody says so, and shows all once somebody is there', async (t) => {
    const { url, stop, restart } = await startService(t);
    await createGroup(url, RANDOM_SEARCH);
    const { page } = await open(t, `${url}/groups/a/b/c`);
    await stop();

    await page.getByRole('link', { name: 'Groups', exact: true }).click();
    await page.getByRole('heading', { name: 'The groups could not be read' }).waitFor();
    await restart();

    await page.getByRole('link', { name: 'mnist-cnn' }).waitFor();
  });

  test('a service with keys asks for one, refuses a wrong one, and forgets it with the page', async (t) => {
    const { url } = await startService(t);
    await createGroup(url, RANDOM_SEARCH);
    const service = createService({ url, key: null });
    const body = { name: 'browser', scopes: ['groups:read'] };
    const { key } = expectAnswer(await service.call('createKey', { body }));
    const { page } = await open(t, url);

    const dialog = page.getByRole('dialog', { name: 'Key of the service' });
    await dialog.getByText('The call came without a key').waitFor();
    await assertAccessible(page);
    await dialog.getByLabel('Key').fill('rw_wrong');
    await dialog.getByRole('button', { name: 'Use this key' }).click();
    await dialog.getByText('its form or its checksum is wrong').waitFor();
    await dialog.getByLabel('Key').fill(key ?? '');
    await dialog.getByRole('button', { name: 'Use this key' }).click();
    await page.getByRole('link', { name: 'mnist-cnn' }).waitFor();
    await page.getByRole('button', { name: 'Key in use' }).waitFor();

    await page.reload();

    await dialog.waitFor();
  });

  test('what a key may not do is said where it was tried', async (t) => {
    const { url } = await startService(t);
    const group = await createGroup(url, RANDOM_SEARCH);
    const service = createService({ url, key: null });
    const body = { name: 'reader', scopes: ['groups:read'] };
    const { key } = expectAnswer(await service.call('createKey', { body }));
    const { page } = await open(t, `${url}/groups/${group}`);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Key').fill(key ?? '');
    await dialog.getByRole('button', { name: 'Use this key' }).click();

    await page.getByRole('button', { name: 'Stop' }).click();
    await dialog.getByRole('button', { name: 'Stop' }).click();

    await dialog.getByText('needs a key with the scope "groups:write"').waitFor();
  });
});
