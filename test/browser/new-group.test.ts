import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { createService, expectAnswer } from '../../cli/client.ts';
import { assertAccessible, assertFits, open, startService } from './harness.ts';

/** What selects all on the machine that runs the browser. */
const SELECT_ALL = process.platform === 'darwin' ? 'Meta+A' : 'Control+A';
const SUBMIT = process.platform === 'darwin' ? 'Meta+Enter' : 'Control+Enter';

const editorOf = (page: Page) => page.getByRole('textbox', { name: /Document of the group/ });

const findingsOf = (page: Page) => page.getByRole('region', { name: 'Mistakes and warnings' });

const previewOf = (page: Page) => page.getByRole('region', { name: 'What it would run' });

/** Writes a document in place of the one that is there, as if it were pasted: nothing is completed or indented. */
async function write(page: Page, text: string): Promise<void> {
  await editorOf(page).focus();
  await page.keyboard.press(SELECT_ALL);
  await page.keyboard.insertText(text);
}

/** The text of the editor, line by line. */
const textIn = async (page: Page): Promise<string> =>
  (await page.locator('.cm-line').allTextContents()).join('\n');

/** Waits until the page of the new group is there, all of its code too. */
async function reachGroup(page: Page): Promise<void> {
  await page.waitForURL(/\/groups\/grp_/);
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'New group' }).waitFor();
}

/** What is selected in the editor. */
const selected = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const root = document.querySelector('.code-editor')?.shadowRoot;
    // Chromium alone knows selections of shadow roots by this name.
    const selection = Reflect.get(root ?? {}, 'getSelection')?.call(root) ?? getSelection();
    return String(selection);
  });

const DOCUMENT = `version: 1
kind: group
name: two-points
hptuning:
  seed: 1
  matrix:
    lr: {values: [0.1, 0.2]}
run:
  cmd: python3 train.py --lr={{ lr }}
`;

describe('a new group', () => {
  test('an example is there to begin with, and shows what it would run', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);

    await previewOf(page).getByText('random search: 18 distinct points').waitFor();
    await page.getByLabel('Start from').selectOption({ index: 2 });

    await previewOf(page).getByText('Hyperband').first().waitFor();
  });

  test('a document is written with completions, and becomes a group', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await write(
      page,
      'version: 1\nkind: group\nhptuning:\n  random_search: {n_experiments: 3}\n  matrix:\n    lr: ',
    );
    await findingsOf(page).getByText('1 mistake').waitFor();

    await page.keyboard.press('Enter');
    await page.keyboard.type('unif');
    await page
      .locator('.cm-tooltip-autocomplete')
      .getByText('uniform', { exact: true })
      .first()
      .waitFor();
    // The list takes no keys for a moment after it has opened.
    await page.waitForTimeout(150);
    await page.keyboard.press('Enter');
    await page.keyboard.type('0');
    await page.keyboard.press('Tab');
    await page.keyboard.type('1');
    await findingsOf(page).getByText('No mistakes.').waitFor();
    assert.match(await textIn(page), /uniform: \[0, 1\]/);

    await page.keyboard.press(SUBMIT);
    await reachGroup(page);
    const group = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const read = expectAnswer(await createService({ url, key: null }).call('readGroup', { group }));
    assert.equal(read.progress.planned, 3);
  });

  test('words are offered as values, with what they mean', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await write(page, 'hptuning:\n  bo:\n    metric:\n      optimization:');

    await page.keyboard.type(' ');

    const offers = page.locator('.cm-tooltip-autocomplete li');
    await offers.first().waitFor();
    assert.deepEqual(await offers.allTextContents(), ['minimize', 'maximize']);
  });

  test('the names that a command can use are offered in its braces', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await write(
      page,
      `declarations: {epochs: 3}\n${DOCUMENT.replace(' --lr={{ lr }}\n', ' --lr=')}`,
    );

    await page.keyboard.type('{{ ');

    const offers = page.locator('.cm-tooltip-autocomplete li');
    await offers.first().waitFor();
    assert.deepEqual(await offers.allTextContents(), ['lr', 'epochs']);
  });

  test('a mistyped key is marked where it is, and its suggestion mends it', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await write(page, DOCUMENT.replace('  seed: 1', '  concurency: 2'));

    await findingsOf(page).getByText('1 mistake').waitFor();
    assert.equal(await page.locator('.cm-lintRange-error').first().textContent(), 'concurency: 2');
    assert.ok(await page.getByRole('button', { name: 'Create the group' }).isDisabled());

    await findingsOf(page).getByRole('button', { name: 'Line 5, hptuning.concurency' }).click();
    assert.equal(await selected(page), 'concurency: 2');
    await page.locator('.cm-lintRange-error').first().hover();
    await page.getByRole('button', { name: 'Write concurrency' }).click();

    await findingsOf(page).getByText('No mistakes.').waitFor();
    assert.match(await textIn(page), /^ {2}concurrency: 2$/m);
  });

  test('what is no YAML is marked at its line without asking the service', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await previewOf(page).getByText('random search').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));

    await write(page, 'version: 1\nhptuning: {matrix: [}\n');

    await findingsOf(page).getByRole('button', { name: 'Line 2' }).waitFor();
    assert.deepEqual(asked, []);
  });

  test('every mistake of a document is listed, from the top down', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);

    await write(
      page,
      'version: 2\nkind: gruop\nhptuning:\n  matrix:\n    lr: {uniform: [1, zero]}\n',
    );

    await findingsOf(page).getByText('3 mistakes').waitFor();
    assert.deepEqual(await findingsOf(page).getByRole('button').allTextContents(), [
      'Line 1, version',
      'Line 2, kind',
      'Line 5, hptuning.matrix.lr.uniform[1]',
    ]);
  });

  test('a preview shows the grid, the commands, and the rungs of Hyperband', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await write(page, DOCUMENT);

    await previewOf(page).getByText('grid search: 2 points').waitFor();
    await previewOf(page).getByText('python3 train.py --lr=0.2').waitFor();
    await page.getByLabel('Start from').selectOption({ index: 2 });
    const brackets = page.getByRole('table', { name: /Brackets and rungs/ });
    await brackets.waitFor();

    assert.deepEqual(await brackets.getByRole('row').nth(1).getByRole('cell').allTextContents(), [
      '27 × 1',
      '9 × 3',
      '3 × 9',
      '1 × 27',
    ]);
  });

  test('a warning is marked and does not keep the group from being created', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await write(page, DOCUMENT.replace('{values: [0.1, 0.2]}', '{logspace: "0.01:0.1:5"}'));

    await findingsOf(page).getByText('1 warning').waitFor();
    await page.locator('.cm-lintRange-warning').first().waitFor();
    await page.getByRole('button', { name: 'Create the group' }).click();

    await reachGroup(page);
  });

  test('a draft is there again after the page is loaded anew, and gone once it is a group', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await write(page, DOCUMENT);
    await page.reload();

    await editorOf(page).waitFor();
    assert.match(await textIn(page), /two-points/);
    await page.getByRole('button', { name: 'Create the group' }).click();
    await reachGroup(page);
    await page.goto(`${url}/new`);

    await editorOf(page).waitFor();
    assert.doesNotMatch(await textIn(page), /two-points/);
  });

  test('a file becomes the document, and undoing brings back what was there', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await editorOf(page).waitFor();
    await page
      .getByLabel('A document from a file')
      .setInputFiles({ name: 'p.yml', mimeType: 'text/yaml', buffer: Buffer.from(DOCUMENT) });
    await previewOf(page).getByText('grid search: 2 points').waitFor();

    await editorOf(page).focus();
    await page.keyboard.press('Control+Z');

    await previewOf(page).getByText('random search: 18 distinct points').waitFor();
  });

  test('Tab leaves the editor', async (t) => {
    const { url } = await startService(t);
    const { page } = await open(t, `${url}/new`);
    await editorOf(page).focus();

    await page.keyboard.press('Tab');

    assert.equal(await page.evaluate(() => document.activeElement?.shadowRoot ?? null), null);
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
  });

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      test(`the page is accessible, ${theme}, ${width} px wide`, async (t) => {
        const { url } = await startService(t);
        const { page } = await open(t, `${url}/new`, { theme, width });
        await previewOf(page).getByText('random search').waitFor();
        await editorOf(page).waitFor();
        await assertAccessible(page);
        await assertFits(page);

        await write(page, DOCUMENT.replace('seed: 1', 'sed: 1'));
        await findingsOf(page).getByText('1 mistake').waitFor();

        await assertAccessible(page);
        await assertFits(page);
      });
    }
  }
});
