import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { ROUTES } from '../../lib/contract/routes.ts';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('{docs,examples}/**/*.md', { cwd: ROOT }),
];

const scripts: Readonly<Record<string, string>> = manifest.scripts;

describe('the pages', () => {
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), 'utf8');

    test(`${page} links only to what is there`, () => {
      const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link ?? '');
      const inside = links.filter((link) => !/^[a-z]+:/.test(link));

      const missing = inside.filter((link) => !existsSync(join(ROOT, dirname(page), link)));

      assert.deepEqual(missing, []);
    });

    test(`${page} names only scripts that package.json has`, () => {
      const named = [...text.matchAll(/(?:^|`)npm run ([a-z][a-z:-]*)/gm)].map(
        ([, name]) => name ?? '',
      );

      const missing = named.filter((name) => scripts[name] === undefined);

      assert.deepEqual(missing, []);
    });
  }

  test('docs/api.md names every path of the contract', () => {
    const text = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
    const tails = Object.values(ROUTES).map(({ path }) => path.split('/').at(-1) ?? '');

    const missing = tails.filter((tail) => !text.includes(tail));

    assert.deepEqual(missing, []);
  });
});
