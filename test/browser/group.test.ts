import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { assertAccessible, open, startService } from './harness.ts';
import { begin, createGroup, RANDOM_SEARCH, work } from './search.ts';
import { settled } from './settled.ts';

const table = (page: Page): Locator =>
  page.getByRole('table', { name: 'Experiments of the group' });

/** What a column shows, from the top. */
async function column(page: Page, title: string): Promise<readonly string[]> {
  const heads = await table(page).locator('thead th').allInnerTexts();
  const at = heads.findIndex((head) => head.trim().startsWith(title));
  assert.notEqual(at, -1, `there is a column ${title}: ${heads.join()}`);
  return table(page)
    .locator(`tbody tr:not(.spacer) > :nth-child(${at + 1})`)
    .allInnerTexts();
}

async function saved(page: Page, save: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), save()]);
  return readFile(await download.path(), 'utf8');
}

const service = await startService({ after });
const group = await createGroup(service.url, RANDOM_SEARCH);
await work(service.url, group);

describe('a group that is done', () => {
  const openTable = async (t: Parameters<typeof open>[0]): Promise<Page> => {
    const { page } = await open(t, `${service.url}/groups/${group}?tab=experiments`);
    await table(page).waitFor();
    return page;
  };

  test('the table sorts by any column, what has no value last', async (t) => {
    const page = await openTable(t);
    await page.getByRole('button', { name: 'loss' }).click();
    const up = (await column(page, 'loss')).map(Number).filter((value) => !Number.isNaN(value));
    assert.ok(up.length > 5);
    assert.deepEqual(
      up,
      up.toSorted((a, b) => a - b),
    );

    await page.getByRole('button', { name: 'loss' }).click();
    await table(page).locator('[aria-sort=descending]').waitFor();
    const down = (await column(page, 'loss')).map(Number).filter((value) => !Number.isNaN(value));
    assert.deepEqual(
      down,
      down.toSorted((a, b) => b - a),
    );
  });

  test('filters narrow the table, and a column can be left out', async (t) => {
    const page = await openTable(t);
    await page.getByRole('combobox', { name: 'Status' }).selectOption('failed');
    await page.getByText('3 of 24 experiments').waitFor();
    assert.deepEqual(await column(page, 'Number'), ['7', '14', '21']);

    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'optimizer' }).uncheck();

    const heads = await table(page).locator('thead').innerText();
    assert.doesNotMatch(heads, /optimizer/);
  });

  test('what the table shows can be saved as CSV', async (t) => {
    const page = await openTable(t);
    await page.getByRole('combobox', { name: 'Status' }).selectOption('failed');
    await page.getByText('3 of 24 experiments').waitFor();

    const csv = await saved(page, () => page.getByRole('button', { name: 'Save as CSV' }).click());

    const lines = csv.trim().split('\r\n');
    assert.equal(lines[0], 'Number,Status,loss,lr,dropout,optimizer,Took');
    assert.deepEqual(
      lines.slice(1).map((line) => line.split(',').slice(0, 2)),
      [
        ['7', 'failed'],
        ['14', 'failed'],
        ['21', 'failed'],
      ],
    );
  });

  test('everything can be saved as CSV and as JSON lines', async (t) => {
    const page = await openTable(t);

    const csv = await saved(page, () => page.getByRole('button', { name: 'CSV export' }).click());
    const lines = await saved(page, () => page.getByRole('button', { name: 'JSONL' }).click());

    assert.match(csv, /^number,status,.*values\.lr,.*metrics\.loss\r\n1,succeeded,/);
    assert.equal(csv.trim().split('\r\n').length, 25);
    const records = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      records.map(({ number }) => number),
      Array.from({ length: 24 }, (_, i) => i + 1),
    );
    assert.ok(records.every((record) => !('lease' in record)));
  });

  test('some experiments are compared side by side', async (t) => {
    const page = await openTable(t);
    await page.getByRole('checkbox', { name: 'Select experiment 2', exact: true }).check();
    await page.getByRole('checkbox', { name: 'Select experiment 7', exact: true }).check();

    await page.getByRole('button', { name: 'Compare 2' }).click();

    const dialog = page.getByRole('dialog', { name: '2 experiments side by side' });
    const status = dialog.getByRole('row', { name: /^Status/ });
    assert.match(await status.innerText(), /succeeded\s+failed/);
    await assertAccessible(page);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const focused = page.locator(':focus');
    assert.match(await focused.innerText(), /Compare/, 'the focus is back where it was');
  });

  test('brushing an axis of the parallel coordinates selects experiments for the table', async (t) => {
    const { page } = await open(t, `${service.url}/groups/${group}`);
    await settled(page);
    const plot = page.getByRole('img', { name: 'Parallel coordinates' });
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    assert.ok(box !== null);
    // ECharts looks for an axis near the pointer: the first one, along its upper half.
    const axis = await plot.evaluate((element) => {
      const lines = [...element.querySelectorAll('path')]
        .map((path) => path.getBoundingClientRect())
        .filter(({ width, height }) => width < 3 && height > 100);
      const [first] = lines.sort((a, b) => a.x - b.x);
      return first === undefined ? null : { x: first.x, y: first.y, height: first.height };
    });
    assert.ok(axis !== null, 'there is an axis');
    await page.mouse.move(axis.x, axis.y + 2);
    await page.mouse.down();
    await page.mouse.move(axis.x, axis.y + axis.height / 2, { steps: 5 });
    await page.mouse.up();
    await page.getByText(/^\d+ selected$/).waitFor();

    await page.getByRole('button', { name: 'Show the brushed ones in the table' }).click();

    await page.getByRole('button', { name: /^Only the \d+ brushed ones/ }).waitFor();
    const shown = await column(page, 'Number');
    assert.ok(shown.length > 0 && shown.length < 24, `${shown.length} of 24`);
  });

  test('the best experiment explains itself', async (t) => {
    const { page } = await open(t, `${service.url}/groups/${group}`);
    await page.getByRole('link', { name: /^experiment \d+$/ }).click();

    await page.getByRole('heading', { name: 'Why these values' }).waitFor();

    await page.getByText(/a function of the matrix and the seed alone/).waitFor();
    await page.getByText(/python train\.py --lr/).waitFor();
  });

  test('the log is told newest first, page by page', async (t) => {
    const { page } = await open(t, `${service.url}/groups/${group}?tab=events`);
    const log = page.getByRole('table', { name: 'Events of the group, newest first' });
    await log.getByRole('rowheader').first().waitFor();
    assert.equal(await log.getByRole('rowheader').first().innerText(), 'done');

    const older = page.getByRole('button', { name: 'Older events' });
    while (await older.isVisible()) {
      const before = await log.getByRole('rowheader').count();
      await older.click();
      await page.waitForFunction(
        (count) => document.querySelectorAll('tbody th').length > count,
        before,
      );
    }

    assert.equal(await log.getByRole('rowheader').last().innerText(), 'created');
  });
});

describe('a group that runs', () => {
  test('its page follows without being loaded anew', async (t) => {
    const { url } = await startService(t);
    const group = await createGroup(url, RANDOM_SEARCH);
    const { page } = await open(t, `${url}/groups/${group}`);
    await page.getByText('no result yet').waitFor();

    await work(url, group, { most: 3 });

    await page.getByText('3/24').waitFor();
    await page.getByRole('link', { name: /^experiment \d+$/ }).waitFor();
    await work(url, group);
    await page.getByText('24/24').waitFor();
    await page.getByRole('heading', { name: /done/ }).waitFor();
  });

  test('it is stopped, resumed and deleted, each after a question', async (t) => {
    const { url } = await startService(t);
    const group = await createGroup(url, RANDOM_SEARCH);
    const { page } = await open(t, `${url}/groups/${group}`);

    await page.getByRole('button', { name: 'Stop' }).click();
    const question = page.getByRole('dialog', { name: 'Stop this group?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await question.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('heading', { name: /stopped/ }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('heading', { name: /running/ }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();

    await page.getByRole('heading', { name: 'There is no group yet' }).waitFor();
  });

  test('an experiment under way shows its measurements as they come', async (t) => {
    const { url } = await startService(t);
    const group = await createGroup(url, RANDOM_SEARCH);
    const number = await begin(url, group);
    const { page } = await open(t, `${url}/groups/${group}/experiments/${number}`);
    await page.getByText('1 measurement', { exact: true }).waitFor();

    await begin(url, group, number);

    await page.getByText('2 measurements', { exact: true }).waitFor();
  });
});
