import type { Page } from 'playwright-core';

/** Waits until everything is read and drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const drawings = [...document.querySelectorAll('.plot [role=img]')];
    return (
      document.querySelector('main h1') !== null &&
      document.querySelector('.loading') === null &&
      drawings.every((drawing) => drawing.querySelector('svg path, canvas') !== null)
    );
  });
}
