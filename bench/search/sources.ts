import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['lib', 'functions', 'cli', 'package.json'];

/** The service as it was when the comparison began. */
export interface Sources {
  readonly folder: string;
  /** Another one after every change in `lib/`. */
  readonly version: string;
}

/** Copies the service's sources, so that an edit during a run does not mix two versions; deleted at the end. */
export function copySources(): Sources {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-sources-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const hash = createHash('sha256');
  for (const file of globSync('lib/**/*.ts', { cwd: folder }).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  }
  return { folder, version: `sources ${hash.digest('hex').slice(0, 12)}` };
}
