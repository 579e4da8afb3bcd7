import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './folder.ts';

interface Entry {
  readonly integrity?: string;
  readonly resolved?: string;
  /** It lies inside the package above it, whose content is pinned. */
  readonly inBundle?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const packages: Readonly<Record<string, Entry>> = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
).packages;

// npm leaves out of the lock file what the registry does not give it, and refuses it afterwards.
test('the lock file has the optional packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !(`${path}/node_modules/${name}` in packages))
      .filter((name) => !(`node_modules/${name}` in packages))
      .map((name) => `${name} of ${path}`),
  );

  assert.deepEqual(missing, []);
});

test('the lock file pins the content of every package and no place to get it from', () => {
  const installed = Object.entries(packages).filter(([path]) => path !== '');

  const loose = installed.filter(
    ([, { integrity, resolved, inBundle }]) => (!integrity && inBundle !== true) || resolved,
  );

  assert.deepEqual(loose, []);
});
