import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Key, Store } from '../../lib/store/store.ts';

interface Body {
  readonly text: string;
}

const key = (pk: string, sk: string): Key<Body> => ({ pk, sk });

const everything = { from: '', to: '~', limit: 1000 };

/** What every store must do; `open` gives an empty one. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`the store on ${name}`, () => {
    let store: Store;
    before(async () => {
      store = await open();
    });
    after(() => store.close());

    test('answers null for an item that was never put', async () => {
      assert.equal(await store.get(key('none', 'x')), null);
    });

    test('gives back what was put, with revision 1', async () => {
      const text = 'ünï"code\u0000 \\ 😀';

      const outcome = await store.put({ key: key('back', 'x'), body: { text }, expect: 0 });

      assert.deepEqual(outcome, { kind: 'stored', rev: 1 });
      assert.deepEqual(await store.get(key('back', 'x')), {
        pk: 'back',
        sk: 'x',
        rev: 1,
        body: { text },
      });
    });

    test('refuses to put an item where there is one, and returns that one', async () => {
      await store.put({ key: key('twice', 'x'), body: { text: 'first' }, expect: 0 });

      const outcome = await store.put({
        key: key('twice', 'x'),
        body: { text: 'second' },
        expect: 0,
      });

      assert.equal(outcome.kind, 'conflict');
      assert.ok(outcome.kind === 'conflict');
      assert.deepEqual(outcome.current?.body, { text: 'first' });
      assert.equal(outcome.current?.rev, 1);
    });

    test('replaces an item of the expected revision only', async () => {
      await store.put({ key: key('cas', 'x'), body: { text: 'a' }, expect: 0 });

      const good = await store.put({ key: key('cas', 'x'), body: { text: 'b' }, expect: 1 });
      const stale = await store.put({ key: key('cas', 'x'), body: { text: 'c' }, expect: 1 });

      assert.deepEqual(good, { kind: 'stored', rev: 2 });
      assert.equal(stale.kind, 'conflict');
      assert.deepEqual((await store.get(key('cas', 'x')))?.body, { text: 'b' });
    });

    test('refuses to replace an item that is not there', async () => {
      const outcome = await store.put({ key: key('gone', 'x'), body: { text: 'a' }, expect: 3 });

      assert.deepEqual(outcome, { kind: 'conflict', current: null });
    });

    test('lets exactly one of many callers win each revision', async () => {
      await store.put({ key: key('race', 'x'), body: { text: '0' }, expect: 0 });

      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          store.put({ key: key('race', 'x'), body: { text: String(i) }, expect: 1 }),
        ),
      );

      assert.equal(outcomes.filter(({ kind }) => kind === 'stored').length, 1);
      const current = await store.get(key('race', 'x'));
      const winner = outcomes.findIndex(({ kind }) => kind === 'stored');
      assert.deepEqual(current?.body, { text: String(winner) });
    });

    test('keeps what it returned apart from what it holds', async () => {
      const body = { text: 'original' };
      await store.put({ key: key('copy', 'x'), body, expect: 0 });

      body.text = 'changed by its owner';
      const first = await store.get(key('copy', 'x'));
      if (first !== null) Object.assign(first.body, { text: 'changed by its reader' });

      assert.deepEqual((await store.get(key('copy', 'x')))?.body, { text: 'original' });
    });

    test('reads many items in the order of the keys, null where there is none', async () => {
      await Promise.all(
        Array.from({ length: 250 }, (_, i) =>
          store.put({ key: key(`many${i}`, 'x'), body: { text: String(i) }, expect: 0 }),
        ),
      );
      const wanted = [249, 7, 1000, 0, 7];

      const few = await store.getMany(wanted.map((i) => key(`many${i}`, 'x')));
      const all = await store.getMany(Array.from({ length: 250 }, (_, i) => key(`many${i}`, 'x')));

      assert.deepEqual(
        few.map((item) => item?.body.text ?? null),
        ['249', '7', null, '0', '7'],
      );
      assert.deepEqual(
        all.map((item) => item?.body.text),
        Array.from({ length: 250 }, (_, i) => String(i)),
      );
      assert.deepEqual(await store.getMany([]), []);
    });

    test('lists one partition in the order of its sort keys, either way, within bounds', async () => {
      for (const sk of ['b', 'a', 'c', 'aa']) {
        await store.put({ key: key('list', sk), body: { text: sk }, expect: 0 });
      }
      await store.put({ key: key('list2', 'b'), body: { text: 'other' }, expect: 0 });
      const sks = async (range: Parameters<Store['list']>[1]): Promise<readonly string[]> =>
        (await store.list(key('list', ''), range)).map(({ sk }) => sk);

      assert.deepEqual(await sks(everythingFrom('a')), ['a', 'aa', 'b', 'c']);
      assert.deepEqual(await sks({ ...everythingFrom('a'), reverse: true }), ['c', 'b', 'aa', 'a']);
      assert.deepEqual(await sks({ from: 'aa', to: 'b', limit: 10 }), ['aa', 'b']);
      assert.deepEqual(await sks({ from: 'a', to: '~', limit: 2 }), ['a', 'aa']);
      assert.deepEqual(await sks({ from: 'a', to: '~', limit: 2, reverse: true }), ['c', 'b']);
      assert.deepEqual(await sks({ from: 'x', to: 'y', limit: 2 }), []);
      assert.deepEqual(await sks(everything), ['a', 'aa', 'b', 'c']);
    });

    test('lists more items than one answer of the server holds', async () => {
      const text = 'x'.repeat(100_000);
      for (let i = 0; i < 25; i++) {
        const sk = String(i).padStart(2, '0');
        await store.put({ key: key('large', sk), body: { text }, expect: 0 });
      }

      const items = await store.list(key('large', ''), everythingFrom('0'));

      assert.equal(items.length, 25);
      assert.ok(items.every(({ body }) => body.text.length === text.length));
    });

    test('removes an item, and takes removing nothing as done', async () => {
      await store.put({ key: key('remove', 'x'), body: { text: 'a' }, expect: 0 });

      await store.remove(key('remove', 'x'));
      await store.remove(key('remove', 'x'));

      assert.equal(await store.get(key('remove', 'x')), null);
      const again = await store.put({ key: key('remove', 'x'), body: { text: 'b' }, expect: 0 });
      assert.deepEqual(again, { kind: 'stored', rev: 1 });
    });

    test('tells which items are due, earliest first, until they no longer are', async () => {
      const put = (sk: string, due: number | null, expect: number) =>
        store.put({ key: key('due', sk), body: { text: sk }, expect, due });
      await put('late', 3000, 0);
      await put('early', 1000, 0);
      await put('middle', 2000, 0);
      await put('never', null, 0);

      const sks = async (now: number, limit: number): Promise<readonly string[]> =>
        (await store.due(now, limit)).map(({ sk }) => sk);

      assert.deepEqual(await sks(999, 10), []);
      assert.deepEqual(await sks(2000, 10), ['early', 'middle']);
      assert.deepEqual(await sks(9000, 2), ['early', 'middle']);
      await put('early', null, 1);
      await put('middle', 8000, 1);
      assert.deepEqual(await sks(9000, 10), ['late', 'middle']);
    });

    test('survives 390 KB in one item', async () => {
      const text = 'y'.repeat(390_000);

      await store.put({ key: key('big', 'x'), body: { text }, expect: 0 });

      assert.equal((await store.get(key('big', 'x')))?.body.text.length, 390_000);
    });

    test('resolves durable whether or not anything was written', async () => {
      await store.durable();
      await store.put({ key: key('durable', 'x'), body: { text: 'a' }, expect: 0 });
      await store.durable();
    });
  });
}

const everythingFrom = (from: string) => ({ ...everything, from });
