import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxKey } from './secret-box.ts';
import { KEY_BYTES, KEY_NAME } from './secret-box.ts';

/*
 * The keys of a laptop's secret box: a file beside the data that only its owner may read, one line for each key with its
 * name and its bytes in base64. The first line encrypts.
 */

const FILE = 'webhook-keys';
const FIRST_NAME = 'k1';
const OTHERS = 0o077;

/** The file of keys cannot be used; the message says why and what to do. */
export class KeyFileUnusable extends Error {
  override readonly name = 'KeyFileUnusable';
}

const newKey = (): BoxKey => ({ name: FIRST_NAME, bytes: randomBytes(KEY_BYTES) });

/** The line of a key in a text of keys. */
export const writeKey = ({ name, bytes }: BoxKey): string =>
  `${name} ${Buffer.from(bytes).toString('base64')}\n`;

/** Writes a new key: the file is there whole or not at all. */
function create(file: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, writeKey(newKey()), { mode: 0o600, flush: true });
  renameSync(draft, file);
}

function readLine(line: string, file: string): BoxKey {
  const [name = '', base64 = '', ...more] = line.split(' ');
  const bytes = Buffer.from(base64, 'base64');
  if (KEY_NAME.test(name) && bytes.length === KEY_BYTES && more.length === 0)
    return { name, bytes };
  throw new KeyFileUnusable(
    `${file} has a line that is no key: each has a name, a space and ${KEY_BYTES} bytes in base64.`,
  );
}

/**
 * The keys in a text that has a line for each.
 *
 * Throws `KeyFileUnusable` where there is none or a line is no key; `where` names the text.
 */
export function readKeys(text: string, where: string): readonly BoxKey[] {
  const lines = text.split('\n').filter(Boolean);
  if (lines.length === 0) {
    throw new KeyFileUnusable(
      `${where} is empty. Restore it, or remove it and rotate every secret.`,
    );
  }
  return lines.map((line) => readLine(line, where));
}

/**
 * Returns the keys in the folder of the data, and makes the first one where there is none; without a folder one that
 * lives as long as the process. Only whoever holds the folder's data may call it.
 *
 * Throws `KeyFileUnusable` where others may read the file or a line of it is no key.
 */
export function openKeyFile(folder: string | null): readonly BoxKey[] {
  if (folder === null) return [newKey()];
  const file = join(folder, FILE);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(file, { throwIfNoEntry: false }) === undefined) create(file);
  // Windows has no such bits: there the folder's own access list holds.
  if (process.platform !== 'win32' && (statSync(file).mode & OTHERS) !== 0) {
    throw new KeyFileUnusable(`${file} may be read by others. Run chmod 600 on it.`);
  }
  return readKeys(readFileSync(file, 'utf8'), file);
}
