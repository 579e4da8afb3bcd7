import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { noTurns } from '../../lib/runtime/turns.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import type { Ports } from '../../lib/service/ports.ts';
import type { SuggestAnswer } from '../../lib/service/suggest.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { END, errandKey, headKey, START } from '../../lib/store/keys.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';

const logger = { error() {}, warn() {}, info() {} };
const runtime = createLocalRuntime({ folder: null, logger });
after(() => runtime.ports.store.close());

/** A signal that somebody waits for. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** Ports of a caller in a process of its own, who tries to change a head or only looks at it. */
const portsOf = (tries: boolean, changes: Partial<Ports> = {}): Ports => ({
  ...runtime.ports,
  inTurn: noTurns,
  random: () => (tries ? 0 : 0.999),
  sleep: async () => {
    await new Promise((resolve) => setImmediate(resolve));
  },
  ...changes,
});

/** A group whose head says that many callers come at once. */
async function crowdedGroup(concurrency: number): Promise<string> {
  const hptuning = {
    concurrency,
    random_search: { n_experiments: 10, metric: { name: 'loss', optimization: 'minimize' } },
    matrix: { x: { uniform: [0, 1] } },
  };
  const document = { version: 1, kind: 'group', hptuning };
  const created = await createGroup(portsOf(true), runtime.call(), document);
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  const { store } = runtime.ports;
  const item = await store.get(headKey(group));
  assert.ok(item !== null);
  await store.put({ key: headKey(group), body: { ...item.body, crowd: 9 }, expect: item.rev });
  return group;
}

/** Numbers that a suggest hands out; none where it is turned away. */
async function ask(ports: Ports, group: string): Promise<readonly number[]> {
  const request = { group, count: 1, worker: null, waitSeconds: 0 };
  try {
    const answer = await suggest(ports, runtime.call(), request);
    assert.ok(answer.ok);
    const { experiments }: SuggestAnswer = answer.value;
    return experiments.map(({ number }) => number);
  } catch (error) {
    if (error instanceof StoreUnavailable) return [];
    throw error;
  }
}

const errandsOf = (group: string): Promise<readonly unknown[]> =>
  runtime.ports.store.list(errandKey(group, { follow: 0 }), { from: START, to: END, limit: 10 });

async function placesOf(group: string): Promise<readonly number[]> {
  const read = await readGroup(portsOf(true), group);
  assert.ok(read.ok);
  return read.value.head.places.map(({ n }) => n);
}

/** A caller whose next write of a head waits: hears when it is about to be done, and says when it may be. */
function pausedCaller(): {
  readonly ports: Ports;
  readonly reached: Promise<void>;
  readonly go: () => void;
} {
  const { store } = runtime.ports;
  const reached = gate();
  const allowed = gate();
  const ports = portsOf(true, {
    store: {
      ...store,
      async put(put) {
        if (put.key.sk === 'head') {
          reached.open();
          await allowed.opened;
        }
        return store.put(put);
      },
    },
  });
  return { ports, reached: reached.opened, go: allowed.open };
}

/** A caller that leaves its errand and then looks only when it is told to; hears when the errand is there. */
function patientCaller(): {
  readonly ports: Ports;
  readonly left: Promise<void>;
  readonly go: () => void;
} {
  const { store } = runtime.ports;
  const left = gate();
  const allowed = gate();
  const ports = portsOf(false, {
    store: {
      ...store,
      async put(put) {
        const outcome = await store.put(put);
        if (put.key.sk.startsWith('places#')) left.open();
        return outcome;
      },
    },
    async sleep() {
      await allowed.opened;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  return { ports, left: left.opened, go: allowed.open };
}

describe('a suggest that leaves an errand', () => {
  test('gets the place that another caller took along for it', async () => {
    const group = await crowdedGroup(5);
    const patient = patientCaller();
    const first = ask(patient.ports, group);
    await patient.left;
    const second = await ask(portsOf(true), group);
    patient.go();
    const numbers = [...(await first), ...second];
    assert.deepEqual(numbers.sort(), [1, 2]);
    assert.deepEqual([...(await placesOf(group))].sort(), [1, 2]);
    assert.deepEqual(await errandsOf(group), []);
  });

  test('that goes with empty hands is given no place any more by whoever has read the errand', async () => {
    const group = await crowdedGroup(5);
    const patient = patientCaller();
    const first = ask(patient.ports, group);
    await patient.left;
    const paused = pausedCaller();
    const second = ask(paused.ports, group);
    await paused.reached;
    // The one gives up while the other, who has read its errand, has yet to write.
    patient.go();
    assert.deepEqual(await first, []);
    paused.go();
    const numbers = await second;
    assert.equal(numbers.length, 1);
    assert.deepEqual(await placesOf(group), numbers);
    assert.deepEqual(await errandsOf(group), []);
  });

  test('is told that nothing is free only when nobody can give it a place any more', async () => {
    const group = await crowdedGroup(1);
    const patient = patientCaller();
    const first = ask(patient.ports, group);
    await patient.left;
    assert.deepEqual(await ask(portsOf(true), group), [1]);
    patient.go();
    assert.deepEqual(await first, []);
    assert.deepEqual(await placesOf(group), [1]);
    assert.deepEqual(await errandsOf(group), []);
  });
});
