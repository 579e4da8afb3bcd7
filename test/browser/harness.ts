import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { ServedFolder } from '../../cli/embedded.ts';
import { serveFolder } from '../../cli/embedded.ts';
import { webFolder } from '../../scripts/build-web.ts';
import { launchChromium } from './chromium.ts';

// Bundled before any page is opened, so that the patience of the tests is for the pages alone.
webFolder();

/*
 * A browser on a real service with its dashboard. What the browser complains of fails the test.
 */

const HOST = '127.0.0.1';
/** What a page may take to show something on a machine that does much else, ms. */
const PATIENCE_MS = 20_000;

let browser: Promise<Browser> | null = null;

after(async () => {
  if (browser !== null) await (await browser).close();
});

/** A service of its own for a test. */
export interface Service {
  readonly url: string;
  /** Ends it; the data stay. */
  readonly stop: () => Promise<void>;
  /** Starts it again at the same address. */
  readonly restart: () => Promise<void>;
}

/** A test, or a file of tests, that cleans up at its end. */
export interface Scope {
  readonly after: (clean: () => Promise<void>) => void;
}

/** Starts a service on a free port with an empty folder. */
export async function startService(t: Scope, allowPrivateWebhooks = false): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-browser-'));
  const start = (port: number): Promise<ServedFolder> =>
    serveFolder({ folder, host: HOST, port, allowPrivateWebhooks });
  let served: ServedFolder | null = await start(0);
  const { url } = served;
  const stop = async (): Promise<void> => {
    await served?.close();
    served = null;
  };
  t.after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url,
    stop,
    async restart() {
      served = await start(Number(new URL(url).port));
    },
  };
}

interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
}

/** A page in a browser of its own, with what it complained of. */
export interface Opened {
  readonly page: Page;
  /** Errors of scripts and of the policy; what a test expects it takes out. */
  readonly complaints: string[];
}

/** What the browser says of an answer that the page itself deals with. */
const EXPECTED = /Failed to load resource/;

/** Opens an address in a browser that knows nothing of other tests. */
export async function open(
  t: Scope,
  address: string,
  { width = 1280, height = 800, theme = 'light' }: Look = {},
): Promise<Opened> {
  browser ??= launchChromium();
  const context = await (await browser).newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-US',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) {
      complaints.push(message.text());
    }
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, [], 'the browser complains of nothing');
  });
  await page.goto(address);
  return { page, complaints };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare global {
  var axe: { run: (options: object) => Promise<AxeResults> };
}

/** Asserts that axe finds nothing wrong with what the page shows now. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const found = await globalThis.axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n  ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n  ')}`,
    );
  });
  assert.deepEqual(violations, [], `${page.url()} is accessible`);
}

/** Asserts that the page is no wider than its window. */
export async function assertFits(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok((content ?? 0) <= (window ?? 0), `${page.url()} is ${content} px wide of ${window}`);
}

/** Of the window, times how far. */
const SHIFT_MAX = 0.02;

/** Asserts that nothing which the page showed first was moved by what came later. */
export async function assertStill(page: Page): Promise<void> {
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            if ('value' in entry) sum += Number(entry.value);
          }
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(sum), 100);
      }),
  );
  assert.ok(shift <= SHIFT_MAX, `${page.url()} moved by ${shift}`);
}
