// npm run screenshots [-- WORD ...]: draws the dashboard's pages into docs/screenshots/, wide and narrow, light and dark,
// on a service that has run searches with known results. Words narrow the pages by name.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import UPNG from 'upng-js';
import { createService, expectAnswer } from '../cli/client.ts';
import { serveFolder } from '../cli/embedded.ts';
import { launchChromium } from '../test/browser/chromium.ts';
import { createGroup, HYPERBAND, RANDOM_SEARCH, work } from '../test/browser/search.ts';
import { settled } from '../test/browser/settled.ts';

const FOLDER = join(dirname(import.meta.dirname), 'docs', 'screenshots');
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
const THEMES = ['light', 'dark'] as const;
/** For the last frame of what is drawn, ms. */
const SETTLE_MS = 500;

/** As many colours as a page needs to look the same. */
const COLOURS = 128;

/** The same picture in a third of the bytes. */
function withPalette(png: Buffer): Buffer {
  const bytes = new Uint8Array(png).buffer;
  const picture = UPNG.decode(bytes);
  const { width, height } = picture;
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(picture), width, height, COLOURS));
}

const tabs = (page: Page): Locator => page.getByRole('tablist');

const data = mkdtempSync(join(tmpdir(), 'rungwise-screenshots-'));
const service = await serveFolder({ folder: data, host: '127.0.0.1', port: 0 });
const browser = await launchChromium();
const words = process.argv.slice(2);
try {
  const random = await createGroup(service.url, RANDOM_SEARCH);
  await work(service.url, random);
  const hyperband = await createGroup(service.url, HYPERBAND);
  await work(service.url, hyperband);

  const caller = createService({ url: service.url, key: null });
  const webhook = {
    url: 'https://launcher.example.com/rungwise',
    events: ['group.done', 'experiment.*'],
    description: 'Tells the launcher',
  };
  const { id } = expectAnswer(await caller.call('createWebhook', { body: webhook }));

  const pages: Readonly<Record<string, string>> = {
    groups: '/',
    'new-group': '/new',
    webhooks: '/webhooks',
    webhook: `/webhooks/${id}`,
    keys: '/keys',
    group: `/groups/${random}`,
    parallel: `/groups/${random}?tab=overview`,
    parameters: `/groups/${random}?tab=parameters`,
    rungs: `/groups/${hyperband}?tab=rungs`,
    curves: `/groups/${hyperband}?tab=curves`,
    table: `/groups/${random}?tab=experiments`,
    log: `/groups/${random}?tab=events`,
    document: `/groups/${random}?tab=document`,
    experiment: `/groups/${hyperband}/experiments/13`,
  };
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, path] of Object.entries(pages)) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const theme of THEMES) {
        const context = await browser.newContext({ viewport, colorScheme: theme, locale: 'en-US' });
        const page = await context.newPage();
        await page.goto(`${service.url}${path}`, { waitUntil: 'load' });
        await settled(page);
        const top =
          name === 'parallel'
            ? page.getByRole('heading', { name: 'All values at once' })
            : tabs(page);
        if (path.includes('?tab=')) await top.evaluate((part) => part.scrollIntoView());
        await page.waitForTimeout(SETTLE_MS);
        const file = `${name}-${size}-${theme}.png`;
        writeFileSync(join(FOLDER, file), withPalette(await page.screenshot()));
        await context.close();
        console.log(`docs/screenshots/${file}`);
      }
    }
  }
} finally {
  await browser.close();
  await service.close();
  rmSync(data, { recursive: true, force: true });
}
