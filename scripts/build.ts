// npm run build: bundles the command line into JavaScript files in dist/, rungwise.js and the thread that it starts for
// what takes long, which run without the packages they were made from, and beside them the dashboard and the style of
// reports. Node strips no types inside node_modules, so an installed command has to be JavaScript.
import { chmodSync, cpSync, globSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { webFolder } from './build-web.ts';

const COMMAND = 'dist/rungwise.js';

const root = dirname(import.meta.dirname);
process.chdir(root);

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { rungwise: 'cli/main.ts', 'thread-worker': 'lib/runtime/thread-worker.ts' },
  outdir: dirname(COMMAND),
  bundle: true,
  // What only one command needs is loaded by it alone.
  splitting: true,
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
chmodSync(COMMAND, 0o755);
// The colours of reports.
cpSync('web/styles/plots.css', 'dist/plots.css');
webFolder();
for (const file of globSync('dist/{*.js,web/assets/*}').sort()) {
  console.log(`${file}  ${Math.round(statSync(file).size / 1024)} KB`);
}
