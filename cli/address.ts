import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the process that holds a data folder writes the address at which it serves it. */
const ADDRESS_FILE = 'service.json';

/** The address at which a data folder was last served, or null; whoever served it may be gone. */
export function addressIn(folder: string): string | null {
  try {
    const written: unknown = JSON.parse(readFileSync(join(folder, ADDRESS_FILE), 'utf8'));
    if (typeof written !== 'object' || written === null || !('url' in written)) return null;
    return typeof written.url === 'string' ? written.url : null;
  } catch {
    return null;
  }
}

/** Tells other processes where the data folder is served; only the process that holds it may do so. */
export function writeAddress(folder: string, url: string): void {
  const file = join(folder, ADDRESS_FILE);
  writeFileSync(`${file}.part`, JSON.stringify({ url, pid: process.pid }), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

/** Takes the address back. */
export const forgetAddress = (folder: string): void => {
  rmSync(join(folder, ADDRESS_FILE), { force: true });
};
