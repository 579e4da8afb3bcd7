import assert from 'node:assert/strict';
import { copyFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { makeFolder, ROOT, runToEnd } from './folder.ts';

/** Lints these files as the project's own; returns `path rule` for each finding, in order. */
async function lint(
  t: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const folder = makeFolder(t, files);
  copyFileSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const { stdout } = await runToEnd(
    process.execPath,
    ['node_modules/@biomejs/biome/bin/biome', 'lint', '--reporter=github', 'lib', 'test'],
    { cwd: folder },
  );
  return [...stdout.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+)/g)]
    .map(([, rule, file = '']) => `${relative(folder, file)} ${rule}`)
    .sort();
}

test('what the type checker does not forbid, the linter does', async (t) => {
  const found = await lint(t, {
    'lib/service/any.ts': 'export const f = (x: any): unknown => x;\n',
    'lib/service/as.ts': 'export const f = (x: unknown): string => x as string;\n',
    'lib/service/default.ts': 'export default 1;\n',
    'lib/service/extension.ts': "export { x } from './other';\n",
    'lib/service/floating.ts': `
      const f = async (): Promise<number> => 1;
      export const g = (): void => {
        f();
      };`,
    'lib/service/non-null.ts': 'export const f = (x: readonly number[]): number => x[0]!;\n',
    'lib/service/other.ts': 'export const x = 1;\n',
  });

  assert.deepEqual(found, [
    'lib/service/any.ts noExplicitAny',
    'lib/service/as.ts noUnsafeTypeAssertion',
    'lib/service/default.ts noDefaultExport',
    'lib/service/extension.ts useImportExtensions',
    'lib/service/floating.ts noFloatingPromises',
    'lib/service/non-null.ts noNonNullAssertion',
  ]);
});

test('pure code reads no clock, no environment and no randomness', async (t) => {
  const found = await lint(t, {
    'lib/domain/clock.ts': 'export const now = (): number => Date.now();\n',
    'lib/matrix/environment.ts': 'export const pid = (): number => process.pid;\n',
    'lib/numerics/random.ts': 'export const draw = (): number => Math.random();\n',
    'lib/numerics/non-null.ts': 'export const f = (x: Float64Array): number => x[0]!;\n',
    'lib/runtime/clock.ts': 'export const now = (): number => Date.now();\n',
    'test/domain/clock.ts': 'export const now = (): number => Date.now();\n',
  });

  assert.deepEqual(found, [
    'lib/domain/clock.ts noRestrictedGlobals',
    'lib/matrix/environment.ts noRestrictedGlobals',
    'lib/numerics/random.ts noJsRestrictedProperties',
  ]);
});
