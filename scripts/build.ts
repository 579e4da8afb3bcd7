// npm run build: bundles the command line into one JavaScript file, dist/rungwise.js, which runs
// without the packages it was made from. Node strips no types inside node_modules, so an installed
// command has to be JavaScript.
import { chmodSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const OUTPUT = 'dist/rungwise.js';

const root = dirname(import.meta.dirname);
process.chdir(root);

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['cli/main.ts'],
  outfile: OUTPUT,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  mainFields: ['module', 'main'],
  banner: {
    js: [
      '#!/usr/bin/env -S node --disable-warning=ExperimentalWarning',
      // Packages in CommonJS ask for Node's own modules by require, which ESM does not have.
      "import { createRequire as createRequireOfBundle } from 'node:module';",
      'const require = createRequireOfBundle(import.meta.url);',
    ].join('\n'),
  },
  logLevel: 'warning',
});
chmodSync(OUTPUT, 0o755);
console.log(`${OUTPUT}  ${Math.round(statSync(OUTPUT).size / 1024)} KB`);
