import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Item, Key, Put, PutOutcome, Range, Store } from './store.ts';
import { StoreUnavailable } from './store.ts';

/** Layout of the file; a file of another one is refused, never guessed at. */
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL, sk TEXT NOT NULL, rev INTEGER NOT NULL,
    due INTEGER, expires INTEGER, body TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS items_due ON items (due) WHERE due IS NOT NULL;
  CREATE INDEX IF NOT EXISTS items_expires ON items (expires) WHERE expires IS NOT NULL;
`;

/** The folder is in use by another process, or its file was written by another version. */
export class DataFolderUnusable extends Error {
  override readonly name = 'DataFolderUnusable';
}

interface Row {
  readonly pk: string;
  readonly sk: string;
  readonly rev: number;
  readonly body: string;
}

const isRow = (row: unknown): row is Row => typeof row === 'object' && row !== null && 'rev' in row;

function toItem<T>(row: unknown): Item<T> | null {
  if (!isRow(row)) return null;
  const body: T = JSON.parse(row.body);
  return { pk: row.pk, sk: row.sk, rev: row.rev, body };
}

/** SQLite's primary result codes for a disk that takes no more and a file that cannot be read or written now. */
const PASSING = new Set([5, 6, 10, 13]);

function guarded<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
    if (PASSING.has(code)) {
      throw new StoreUnavailable(`SQLite answered ${String(error)}`, { cause: error });
    }
    throw error;
  }
}

function open(folder: string | null): DatabaseSync {
  if (folder === null) {
    const memory = new DatabaseSync(':memory:');
    memory.exec(SCHEMA);
    return memory;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, 'rungwise.sqlite'));
  try {
    // The operating system drops this lock with the process, so a kill -9 leaves none behind.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0;');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('BEGIN EXCLUSIVE; COMMIT;');
  } catch (error) {
    database.close();
    throw new DataFolderUnusable(
      `another rungwise process is using the data folder ${folder}: stop it, or choose another folder with --data`,
      { cause: error },
    );
  }
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version !== 0 && version !== SCHEMA_VERSION) {
    database.close();
    throw new DataFolderUnusable(
      `the data folder ${folder} was written by another version of rungwise (layout ${version}, this one reads ${SCHEMA_VERSION}): choose another folder with --data`,
    );
  }
  database.exec(SCHEMA);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  return database;
}

/**
 * The embedded store: one SQLite file in `folder`, or in memory where it is null.
 *
 * Writes take effect at once and share one transaction with everything else that happens in the same turn of the event
 * loop; `durable` resolves when that transaction is on the disk. So many calls pay for one disk flush, and a call
 * that was interrupted by a crash leaves nothing behind. Nothing may be acknowledged before `durable` has resolved.
 *
 * Throws `DataFolderUnusable` when another process holds the folder.
 */
export function openSqliteStore(folder: string | null): Store {
  const database = open(folder);
  const statements = {
    get: database.prepare('SELECT pk, sk, rev, body FROM items WHERE pk = ? AND sk = ?'),
    insert: database.prepare(
      'INSERT INTO items (pk, sk, rev, due, expires, body) VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    update: database.prepare(
      'UPDATE items SET rev = rev + 1, due = ?, expires = ?, body = ? WHERE pk = ? AND sk = ? AND rev = ?',
    ),
    remove: database.prepare('DELETE FROM items WHERE pk = ? AND sk = ?'),
    ascending: database.prepare(
      'SELECT pk, sk, rev, body FROM items WHERE pk = ? AND sk >= ? AND sk <= ? ORDER BY sk LIMIT ?',
    ),
    descending: database.prepare(
      'SELECT pk, sk, rev, body FROM items WHERE pk = ? AND sk >= ? AND sk <= ? ORDER BY sk DESC LIMIT ?',
    ),
    due: database.prepare('SELECT pk, sk FROM items WHERE due <= ? ORDER BY due, pk, sk LIMIT ?'),
    expire: database.prepare(
      'DELETE FROM items WHERE (pk, sk) IN (SELECT pk, sk FROM items WHERE expires <= ? LIMIT ?)',
    ),
  };

  /** Settles when the open transaction is on the disk; null while there is none. */
  let pending: Promise<void> | null = null;

  const commit = (): void => {
    try {
      guarded(() => database.exec('COMMIT'));
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  const begin = (): void => {
    if (pending !== null) return;
    guarded(() => database.exec('BEGIN IMMEDIATE'));
    const flushed = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        pending = null;
        try {
          commit();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    // Whoever acknowledges something awaits it through `durable`; a write that nobody waits for may fail silently.
    flushed.catch(() => {});
    pending = flushed;
  };

  const get = <T>(key: Key<T>): Item<T> | null =>
    guarded(() => toItem<T>(statements.get.get(key.pk, key.sk)));

  return {
    get: async (key) => get(key),
    getMany: async (keys) => keys.map((key) => get(key)),
    async put<T>(put: Put<T>): Promise<PutOutcome<T>> {
      begin();
      const { pk, sk } = put.key;
      const body = JSON.stringify(put.body);
      const due = put.due ?? null;
      const expires = put.expires ?? null;
      const { changes } = guarded(() =>
        put.expect === 0
          ? statements.insert.run(pk, sk, due, expires, body)
          : statements.update.run(due, expires, body, pk, sk, put.expect),
      );
      return changes === 1
        ? { kind: 'stored', rev: put.expect + 1 }
        : { kind: 'conflict', current: get(put.key) };
    },
    async remove(key) {
      begin();
      guarded(() => statements.remove.run(key.pk, key.sk));
    },
    async list<T>(of: Key<T>, range: Range): Promise<readonly Item<T>[]> {
      const statement = range.reverse === true ? statements.descending : statements.ascending;
      const rows = guarded(() => statement.all(of.pk, range.from, range.to, range.limit));
      return rows.flatMap((row) => toItem<T>(row) ?? []);
    },
    async due(now, limit) {
      const rows = guarded(() => statements.due.all(now, limit));
      return rows.map((row) => ({ pk: String(row['pk']), sk: String(row['sk']) }));
    },
    async expire(now, limit) {
      begin();
      return Number(guarded(() => statements.expire.run(now, limit)).changes);
    },
    durable: async () => {
      await pending;
    },
    async close() {
      if (pending !== null) await pending;
      if (database.isOpen) database.close();
    },
  };
}
