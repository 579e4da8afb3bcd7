import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import { DataFolderUnusable, openSqliteStore } from '../../lib/store/sqlite.ts';
import { storeContract } from '../contracts/store.ts';

const root = mkdtempSync(join(tmpdir(), 'rungwise-store-'));
after(() => rmSync(root, { recursive: true }));

storeContract('a SQLite file', async () => openSqliteStore(join(root, 'contract')));
storeContract('SQLite in memory', async () => openSqliteStore(null));

describe('the SQLite file', () => {
  const key = { pk: 'p', sk: 's' };

  test('keeps everything over a restart', async () => {
    const folder = join(root, 'restart');
    const first = openSqliteStore(folder);
    await first.put({ key, body: { n: 1 }, expect: 0 });
    await first.close();

    const second = openSqliteStore(folder);

    assert.deepEqual((await second.get(key))?.body, { n: 1 });
    await second.close();
  });

  test('is refused while another process holds the folder, with a sentence that says so', async () => {
    const folder = join(root, 'locked');
    const first = openSqliteStore(folder);

    assert.throws(
      () => openSqliteStore(folder),
      (error) =>
        error instanceof DataFolderUnusable && /another rungwise process/.test(error.message),
    );

    await first.close();
    await openSqliteStore(folder).close();
  });

  test('is refused where another version has written it', async () => {
    const folder = join(root, 'version');
    await openSqliteStore(folder).close();
    const database = new DatabaseSync(join(folder, 'rungwise.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();

    assert.throws(
      () => openSqliteStore(folder),
      (error) => error instanceof DataFolderUnusable && /layout 99/.test(error.message),
    );
  });

  test('expires items whose time has passed, and only those', async () => {
    const store = openSqliteStore(null);
    await store.put({ key: { pk: 'e', sk: 'old' }, body: {}, expect: 0, expires: 10 });
    await store.put({ key: { pk: 'e', sk: 'new' }, body: {}, expect: 0, expires: 30 });
    await store.put({ key: { pk: 'e', sk: 'kept' }, body: {}, expect: 0 });

    const expired = await store.expire(20, 100);

    assert.equal(expired, 1);
    const left = await store.list({ pk: 'e', sk: '' }, { from: '', to: '~', limit: 10 });
    assert.deepEqual(
      left.map(({ sk }) => sk),
      ['kept', 'new'],
    );
    await store.close();
  });
});
