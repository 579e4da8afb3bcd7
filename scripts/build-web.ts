// Bundles the dashboard: web/main.tsx with all that it imports, into a folder with index.html and, in assets/, files
// whose names change with their content. `npm start` asks for the folder when the page is first opened.
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildSync } from 'esbuild';

const ROOT = dirname(import.meta.dirname);
const FOLDER = join(ROOT, 'dist', 'web');
/** Names the sources that a folder was made from. */
const STAMP = '.stamp';
const ENTRY = 'web/main.tsx';

/** What the bundle is made of, beside the sources of the dashboard: the versions of packages, this file. */
const OTHERS = [
  'package-lock.json',
  'scripts/build-web.ts',
  'lib/{contract,domain,matrix}/*.ts',
  'examples/**/*.{yml,yaml}',
];

function stampOf(): string {
  const hash = createHash('sha256');
  for (const file of globSync(['web/**/*.*', ...OTHERS], { cwd: ROOT }).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** The files that the first page needs at once: the entry, what it imports, its style sheet. */
function headOf({ outputs }: Metafile): string {
  const entry = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === ENTRY);
  if (entry === undefined) throw new Error(`${ENTRY} has no bundle`);
  const [script, { cssBundle, imports }] = entry;
  const address = (file: string): string => `/assets/${basename(file)}`;
  const parts = imports.filter(({ kind }) => kind === 'import-statement');
  return [
    ...(cssBundle === undefined ? [] : [`<link rel="stylesheet" href="${address(cssBundle)}">`]),
    `<script type="module" src="${address(script)}"></script>`,
    ...parts.map(({ path }) => `<link rel="modulepreload" href="${address(path)}">`),
  ].join('\n    ');
}

/** Writes the dashboard to a folder, and returns how many bytes it has. */
export function buildWeb(folder: string): number {
  const { metafile } = buildSync({
    metafile: true,
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outdir: join(folder, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    legalComments: 'none',
    platform: 'browser',
    format: 'esm',
    target: ['es2023', 'chrome120', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.yml': 'text', '.yaml': 'text' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  const page = readFileSync(join(ROOT, 'web', 'index.html'), 'utf8');
  const html = page.replace('<!-- head -->', headOf(metafile));
  writeFileSync(join(folder, 'index.html'), html);
  const files = Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  return files + Buffer.byteLength(html);
}

/** Returns the folder with the dashboard as its sources are now, built anew where they have changed. */
export function webFolder(): string {
  const stamp = stampOf();
  const at = join(FOLDER, STAMP);
  if (existsSync(at) && readFileSync(at, 'utf8') === stamp) return FOLDER;
  // Built beside and moved: whoever looks meanwhile finds the one before or the new one.
  const fresh = `${FOLDER}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  buildWeb(fresh);
  writeFileSync(join(fresh, STAMP), stamp);
  rmSync(FOLDER, { recursive: true, force: true });
  renameSync(fresh, FOLDER);
  return FOLDER;
}
