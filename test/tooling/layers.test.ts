import assert from 'node:assert/strict';
import { copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { makeFolder, ROOT, runToEnd } from './folder.ts';

interface Summary {
  readonly totalCruised: number;
  readonly violations: readonly {
    readonly from: string;
    readonly rule: { readonly name: string };
  }[];
}

const FOLDERS = [
  ...['contract', 'domain', 'events', 'matrix', 'numerics', 'optimizers', 'runtime', 'service'],
  'store',
].map((name) => `lib/${name}`);

/** A harmless module in every folder, for others to import. */
const HARMLESS = Object.fromEntries(
  [...FOLDERS, 'functions', 'cli', 'infra', 'lib/unlisted', 'test'].map((folder) => [
    `${folder}/harmless.ts`,
    'export const x = 1;\nexport type X = number;\n',
  ]),
);

const importOf = (what: string): string => `import { x } from '${what}';\nexport const y = x;\n`;
const typeImportOf = (what: string): string =>
  `import type { X } from '${what}';\nexport type Y = X;\n`;

/** Rule → a file that breaks it. */
const FORBIDDEN: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'layer-lib-numerics': ['lib/numerics/a.ts', importOf('../domain/harmless.ts')],
  'layer-lib-domain': ['lib/domain/a.ts', importOf('../numerics/harmless.ts')],
  'layer-lib-matrix': ['lib/matrix/a.ts', importOf('../optimizers/harmless.ts')],
  'layer-lib-optimizers': ['lib/optimizers/a.ts', typeImportOf('../contract/harmless.ts')],
  'layer-lib-contract': ['lib/contract/a.ts', importOf('../service/harmless.ts')],
  'layer-lib-store': ['lib/store/a.ts', importOf('../service/harmless.ts')],
  'layer-lib-events': ['lib/events/a.ts', importOf('../store/harmless.ts')],
  'layer-lib-service': ['lib/service/a.ts', importOf('../runtime/harmless.ts')],
  'layer-lib-runtime': ['lib/runtime/a.ts', importOf('../optimizers/harmless.ts')],
  'layer-functions': ['functions/a.ts', importOf('../lib/store/harmless.ts')],
  'layer-cli': ['cli/a.ts', importOf('../lib/numerics/harmless.ts')],
  'layer-infra': ['infra/a.ts', importOf('../lib/domain/harmless.ts')],
  'layer-missing': ['lib/unlisted/a.ts', importOf('../domain/harmless.ts')],
  'service-knows-ports': ['lib/service/b.ts', importOf('../store/harmless.ts')],
  'only-zod': ['lib/service/c.ts', importOf('zod')],
  'only-yaml': ['cli/b.ts', importOf('yaml')],
  'only-aws-sdk': ['functions/b.ts', importOf('@aws-sdk/client-dynamodb')],
  'only-middy': ['functions/c.ts', importOf('@middy/core')],
  'pure-no-packages': ['lib/matrix/b.ts', importOf('ulid')],
  'pure-no-io': ['lib/optimizers/b.ts', importOf('node:fs')],
  'no-dev-package': ['lib/runtime/b.ts', importOf('fast-check')],
  'no-unresolvable': ['lib/contract/b.ts', importOf('./nowhere.ts')],
  'no-cycle': ['lib/domain/b.ts', typeImportOf('./b.ts').replace('./b.ts', './c.ts')],
};

const ALLOWED: Readonly<Record<string, string>> = {
  'lib/service/port.ts': importOf('../store/store.ts'),
  'lib/service/adapter-type.ts': typeImportOf('../store/harmless.ts'),
  'lib/service/document.ts': importOf('../contract/harmless.ts'),
  'lib/store/store.ts': 'export const x = 1;\n',
  'lib/contract/zod.ts': importOf('zod'),
  'lib/matrix/nearest.ts': importOf('fastest-levenshtein'),
  'lib/numerics/check.ts': importOf('node:assert/strict'),
  'cli/local.ts': importOf('../functions/harmless.ts'),
  'test/any.ts': `${importOf('../lib/numerics/harmless.ts')}export * from 'fast-check';\n`,
};

/** Cruises a project of these files under the project's own rules. */
async function cruise(t: TestContext, files: Readonly<Record<string, string>>): Promise<Summary> {
  const folder = makeFolder(t, files);
  for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
    copyFileSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const { stdout } = await runToEnd(
    process.execPath,
    [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      ...['--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
      ...['lib', 'functions', 'cli', 'infra', 'test'],
    ],
    { cwd: folder },
  );
  return JSON.parse(stdout).summary;
}

test('every import against the layers is found, by its rule and in its file', async (t) => {
  const planted = Object.fromEntries(Object.values(FORBIDDEN));
  const cycle = { 'lib/domain/c.ts': "export type { Y as X } from './b.ts';\n" };

  const { violations } = await cruise(t, { ...HARMLESS, ...planted, ...cycle });

  const found = violations.map(({ rule, from }) => `${rule.name} ${from}`);
  for (const [rule, [file]] of Object.entries(FORBIDDEN))
    assert.ok(found.includes(`${rule} ${file}`), `${rule} in ${file} is not among ${found}`);
  const files = new Set([...Object.keys(planted), ...Object.keys(cycle)]);
  assert.deepEqual(
    violations.filter(({ from }) => !files.has(from)),
    [],
  );
});

test('imports along the layers pass, and every file has been looked at', async (t) => {
  const files = { ...HARMLESS, ...ALLOWED };

  const { violations, totalCruised } = await cruise(t, files);

  assert.deepEqual(violations, []);
  assert.ok(totalCruised >= Object.keys(files).length, `${totalCruised} modules`);
});
