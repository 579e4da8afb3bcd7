import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { definitionOf } from '../../lib/service/definitions.ts';
import { addExperiment } from '../../lib/service/experiments.ts';
import { createGroup } from '../../lib/service/groups.ts';
import { readHead } from '../../lib/service/head.ts';
import { readHistory } from '../../lib/service/history.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { readResults } from '../../lib/service/results.ts';

const runtime = createLocalRuntime({
  folder: null,
  logger: { error() {}, warn() {}, info() {} },
});
after(() => runtime.ports.store.close());

const ENDED = 600;

const document = {
  version: 1,
  kind: 'group',
  hptuning: {
    random_search: { n_experiments: 5, metric: { name: 'loss', optimization: 'minimize' } },
    matrix: { x: { uniform: [0, 1] } },
  },
};

/** A process that remembers nothing and counts the experiments that it reads. */
function process(): { readonly ports: Ports; readonly reads: () => number } {
  let reads = 0;
  const { store } = runtime.ports;
  const counting: Ports['store'] = {
    ...store,
    getMany: (keys) => {
      reads += keys.length;
      return store.getMany(keys);
    },
  };
  const ports = { ...runtime.ports, store: counting, definitions: new Map() };
  return { ports, reads: () => reads };
}

test('a history of hundreds is put together once, and read in chunks from then on', async () => {
  const { ports } = process();
  const created = await createGroup(ports, runtime.call(), document);
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  for (let i = 0; i < ENDED; i++) {
    const result = { end: 'succeeded', metrics: { loss: i % 7 }, message: null } as const;
    const values = { x: i / ENDED };
    const added = await addExperiment(ports, runtime.call(), { group, values, result });
    assert.ok(added.ok);
  }
  const head = await readHead(ports, group);
  assert.ok(head.ok);

  const histories = [];
  const reads = [];
  for (let time = 0; time < 2; time++) {
    const reader = process();
    const definition = await definitionOf(reader.ports, group);
    assert.ok(definition !== null);
    histories.push(await readHistory(reader.ports, definition, head.value.body));
    reads.push(reader.reads());
  }

  assert.deepEqual(reads, [ENDED, ENDED % 256]);
  assert.deepEqual(histories[0], histories[1]);
  assert.deepEqual(
    histories[0]?.learnt.observations.map(({ values }) => values['x']),
    Array.from({ length: ENDED }, (_, i) => i / ENDED),
  );
});

test('results are read from any position', async () => {
  const { ports } = process();
  const [listing] = await ports.store.list(
    { pk: 'groups', sk: '' },
    { from: '', to: '~', limit: 1 },
  );
  assert.ok(listing !== undefined);
  const head = await readHead(ports, listing.sk);
  assert.ok(head.ok);
  const all = await readResults(ports, listing.sk, head.value.body, 0);

  assert.equal(all.length, ENDED);
  for (const from of [1, 15, 16, 17, 100, 255, 511, ENDED - 1, ENDED]) {
    const rows = await readResults(ports, listing.sk, head.value.body, from);
    assert.deepEqual(rows, all.slice(from), `from ${from}`);
  }
});
