import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { webFunction } from '../lib/runtime/web.ts';

/** Where the dashboard lies beside a bundle. */
const BESIDE = join(import.meta.dirname, 'web');
/** Makes it from its sources, where this is no bundle. */
const BUILDER = new URL('../scripts/build-web.ts', import.meta.url);

async function folder(): Promise<string> {
  if (existsSync(BESIDE)) return BESIDE;
  const builder: { webFolder: () => string } = await import(BUILDER.href);
  return builder.webFolder();
}

/** The dashboard: its page and the files of its bundle. */
export const create = webFunction(folder);

export const handler = create.for(cloudRuntime);
