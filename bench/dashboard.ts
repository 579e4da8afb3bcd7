/**
 * Whether the dashboard stays smooth with a group of 10,000 experiments, in Chromium.
 *
 *     npm run bench dashboard [-- --experiments 10000]
 *
 * A service in a process of its own, a browser that has seen nothing before. First paint and layout shift are what the
 * browser itself says; an interaction lasts from the input to the next paint (Event Timing, as in Interaction to Next
 * Paint), a scroll as long as its longest frame. Writes results/dashboard.md.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { webFolder } from '../scripts/build-web.ts';
import { launchChromium } from '../test/browser/chromium.ts';
import { markdownTable } from './cost/table.ts';
import { startService } from './search/service.ts';

const { values: options } = parseArgs({
  options: { experiments: { type: 'string', default: '10000' } },
});
const EXPERIMENTS = Number(options.experiments);

const RESULTS = join(import.meta.dirname, 'results/dashboard.md');
const PAINT_MS_MAX = 1_500;
const INTERACTION_MS_MAX = 100;
const SHIFT_MAX = 0.1;
/** Each page is opened so often, each interaction done so often; medians count. */
const ROUNDS = 5;
const CALLERS = 16;
const COUNT = new Intl.NumberFormat('en').format(EXPERIMENTS);

const DOCUMENT = {
  version: 1,
  kind: 'group',
  name: 'many experiments',
  hptuning: {
    concurrency: CALLERS,
    seed: 1,
    random_search: {
      n_experiments: EXPERIMENTS,
      metric: { name: 'loss', optimization: 'minimize' },
    },
    matrix: {
      lr: { loguniform: [-9, 0] },
      momentum: { uniform: [0, 1] },
      dropout: { uniform: [0, 0.6] },
      width: { quniform: [16, 512, 16] },
      decay: { loguniform: [-12, -2] },
      optimizer: { values: ['adam', 'sgd', 'rmsprop'] },
    },
  },
};

async function post<T>(url: string, body: object): Promise<T> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text);
}

interface Suggested {
  readonly group_status: string;
  readonly experiments: readonly {
    readonly number: number;
    readonly values: Readonly<Record<string, number | string>>;
    readonly lease: { readonly token: string };
  }[];
}

/** A group of which every experiment has ended. */
async function fill(url: string): Promise<string> {
  const { id } = await post<{ readonly id: string }>(`${url}/v1/groups`, DOCUMENT);
  const base = `${url}/v1/groups/${id}`;
  const work = async (): Promise<void> => {
    for (;;) {
      const { experiments, group_status } = await post<Suggested>(`${base}/suggest`, {});
      if (experiments.length === 0 && group_status === 'done') return;
      for (const { number, values, lease } of experiments) {
        const loss = Math.log(Number(values['lr']) / 0.01) ** 2 + Number(values['dropout']);
        await post(`${base}/experiments/${number}/report`, {
          metrics: { loss },
          status: number % 50 === 0 ? 'failed' : 'succeeded',
          lease_token: lease.token,
        });
      }
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, work));
  return id;
}

const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;

declare global {
  /** What the browser says of the page since it was opened. */
  var seen: { events: { at: number; ms: number }[]; shift: number };
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(() => {
    globalThis.seen = { events: [], shift: 0 };
    const events: PerformanceObserverInit & { readonly durationThreshold: number } = {
      type: 'event',
      durationThreshold: 16,
      buffered: true,
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        globalThis.seen.events.push({ at: entry.startTime, ms: entry.duration });
      }
    }).observe(events);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry.toJSON();
        if (hadRecentInput === false) globalThis.seen.shift += value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return page;
}

interface Opened {
  readonly paint: number;
  readonly whole: number;
  readonly shift: number;
}

/** Opens a page that nothing is kept of, until what it is about is there. */
async function open(browser: Browser, address: string, what: string): Promise<Opened> {
  const page = await newPage(browser);
  await page.goto(address);
  await page.locator(what).first().waitFor();
  const whole = await page.evaluate(() => performance.now());
  await page.waitForTimeout(500);
  const [paint, shift] = await page.evaluate(() => [
    performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    globalThis.seen.shift,
  ]);
  await page.context().close();
  return { paint: paint ?? Number.NaN, whole, shift: shift ?? Number.NaN };
}

/** How long an interaction lasts: its slowest event; 16 ms where the browser finds none worth a line. */
async function lasting(page: Page, act: () => Promise<void>): Promise<number> {
  const since = await page.evaluate(() => performance.now());
  await act();
  await page.waitForTimeout(400);
  return page.evaluate(
    (from) =>
      globalThis.seen.events.reduce(
        (most, { at, ms }) => (at >= from ? Math.max(most, ms) : most),
        16,
      ),
    since,
  );
}

/** The longest frame while something scrolls from its top to its end, ms. */
const scrolling = (page: Page, what: string): Promise<number> =>
  page.evaluate(async (selector) => {
    const frame = document.querySelector(selector);
    if (frame === null) throw new Error(`nothing is ${selector}`);
    const next = (): Promise<number> => new Promise(requestAnimationFrame);
    let before = await next();
    let longest = 0;
    for (let step = 1; step <= 60; step++) {
      frame.scrollTop = (frame.scrollHeight * step) / 60;
      const now = await next();
      longest = Math.max(longest, now - before);
      before = now;
    }
    return longest;
  }, what);

const PLOT = '.plot svg, .plot canvas';

const service = await startService(dirname(import.meta.dirname));
const browser = await launchChromium();
try {
  console.error(`${COUNT} experiments …`);
  const group = await fill(service.url);
  const address = `${service.url}/groups/${group}`;

  const PAGES = [
    ['groups', `${service.url}/`, 'tbody tr'],
    ['overview', address, PLOT],
    ['parameters', `${address}?tab=parameters`, PLOT],
    ['experiments', `${address}?tab=experiments`, 'tbody tr:not(.spacer)'],
    ['one experiment', `${address}/experiments/4711`, 'h1'],
  ] as const;
  const pages: string[][] = [];
  for (const [name, at, what] of PAGES) {
    const opened: Opened[] = [];
    for (let round = 0; round < ROUNDS; round++) opened.push(await open(browser, at, what));
    const paint = middle(opened.map((one) => one.paint));
    const shift = Math.max(...opened.map((one) => one.shift));
    pages.push([
      name,
      paint.toFixed(0),
      (paint / PAINT_MS_MAX).toFixed(2),
      middle(opened.map(({ whole }) => whole)).toFixed(0),
      shift.toFixed(3),
      paint < PAINT_MS_MAX && shift < SHIFT_MAX ? 'yes' : 'no',
    ]);
    console.error(pages.at(-1)?.join('  '));
  }

  const page = await newPage(browser);
  await page.goto(`${address}?tab=experiments`);
  await page.locator('tbody tr:not(.spacer)').first().waitFor();
  await page.waitForTimeout(1_000);
  const sort = page.getByRole('button', { name: 'loss' });
  const text = page.getByLabel('Text', { exact: true });
  const box = page.getByRole('checkbox', { name: /^Select experiment/ }).first();
  const tab = (name: string) => page.getByRole('tab', { name });
  const ACTS: readonly (readonly [string, () => Promise<number>])[] = [
    ['sort the table', () => lasting(page, () => sort.click())],
    ['filter by text, a letter', () => lasting(page, () => text.press('a'))],
    ['clear the filter', () => lasting(page, () => text.fill(''))],
    ['select an experiment', () => lasting(page, () => box.click())],
    ['scroll the table to its end', () => scrolling(page, '.table-long')],
    ['go to Parameters', () => lasting(page, () => tab('Parameters').click())],
    ['go to Overview', () => lasting(page, () => tab('Overview').click())],
    ['go to Experiments', () => lasting(page, () => tab('Experiments').click())],
  ];
  const times = new Map<string, number[]>(ACTS.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, act] of ACTS) times.get(name)?.push(await act());
  }
  const interactions = [...times].map(([name, ms]) => [
    name,
    middle(ms).toFixed(0),
    Math.max(...ms).toFixed(0),
    (middle(ms) / INTERACTION_MS_MAX).toFixed(2),
    middle(ms) < INTERACTION_MS_MAX ? 'yes' : 'no',
  ]);

  const folder = webFolder();
  const sizes = globSync('assets/*', { cwd: folder })
    .map((file) => ({ file, bytes: readFileSync(join(folder, file)) }))
    .map(({ file, bytes }) => ({ file, plain: bytes.length, packed: gzipSync(bytes).length }));
  const first = readFileSync(join(folder, 'index.html'), 'utf8');
  const kb = (list: typeof sizes, key: 'plain' | 'packed'): string =>
    (list.reduce((sum, one) => sum + one[key], 0) / 1024).toFixed(0);
  const atOnce = sizes.filter(({ file }) => first.includes(file));

  const result = `# The dashboard with ${COUNT} experiments

Written by \`npm run bench dashboard\`: Chromium ${browser.version()}, 1280 × 800, nothing kept from before, ${ROUNDS} rounds. Limits: first
paint ${PAINT_MS_MAX} ms, an interaction ${INTERACTION_MS_MAX} ms, layout shift ${SHIFT_MAX}.

## Pages

${markdownTable(['page', 'first paint, ms', '÷ limit', 'its content, ms', 'layout shift', 'met'], pages)}

## Interactions

From the input to the next paint; for the scroll its longest frame.

${markdownTable(['interaction', 'median, ms', 'longest, ms', '÷ limit', 'met'], interactions)}

## What the browser loads

The page itself, before anything is shown: ${kb(atOnce, 'plain')} KB, ${kb(atOnce, 'packed')} KB compressed. Everything, plots and editor
included, each when it is first needed: ${kb(sizes, 'plain')} KB, ${kb(sizes, 'packed')} KB compressed.
`;
  writeFileSync(RESULTS, result);
  console.log(result);
} finally {
  await browser.close();
  service.stop();
}
