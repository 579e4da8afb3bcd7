import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { noTurns } from '../../lib/runtime/turns.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { END, errandKey } from '../../lib/store/keys.ts';
import type { Store } from '../../lib/store/store.ts';
import { workAsCallers } from '../helpers/callers.ts';

/** What a request to a store in the same region takes, ms. */
const REQUEST_MS = 3;

const logger = { error() {}, warn() {}, info() {} };
const runtime = createLocalRuntime({ folder: null, logger });
after(() => runtime.ports.store.close());

interface Counted {
  readonly store: Store;
  /** Writes of a group's head: those that were stored, and those that lost. */
  readonly heads: { stored: number; lost: number };
}

/** The embedded store as far away as a real one, so that calls overtake one another. */
function remoteStore(): Counted {
  const near = runtime.ports.store;
  const heads = { stored: 0, lost: 0 };
  const trip = (): Promise<void> => sleep(REQUEST_MS / 2);
  const far: Store = {
    ...near,
    async get(key) {
      await trip();
      return near.get(key);
    },
    async getMany(keys) {
      await trip();
      return near.getMany(keys);
    },
    async list(of, range) {
      await trip();
      return near.list(of, range);
    },
    async put(put) {
      await trip();
      const outcome = await near.put(put);
      await trip();
      if (put.key.sk === 'head') heads[outcome.kind === 'stored' ? 'stored' : 'lost']++;
      return outcome;
    },
  };
  return { store: far, heads };
}

const METRIC = { name: 'loss', optimization: 'minimize' };

const SEARCHES = [
  {
    name: 'random search',
    callers: 24,
    search: { random_search: { n_experiments: 240, metric: METRIC } },
  },
  {
    name: 'random search',
    callers: 200,
    search: { random_search: { n_experiments: 600, metric: METRIC } },
  },
  {
    name: 'hyperband',
    callers: 24,
    search: {
      hyperband: {
        max_iter: 81,
        eta: 3,
        resource: { name: 'epochs', type: 'int' },
        metric: METRIC,
      },
    },
  },
] as const;

describe('many callers at once on one group', () => {
  for (const { name, callers, search } of SEARCHES) {
    test(`${callers} of ${name} share the changes of its head: each gets its own, none is turned away`, async () => {
      const { store, heads } = remoteStore();
      const ports: Ports = {
        ...runtime.ports,
        store,
        definitions: new Map(),
        inTurn: noTurns,
        async poke({ group }) {
          await advanceGroup(ports, group);
        },
      };
      const hptuning = {
        seed: 5,
        concurrency: callers,
        ...search,
        matrix: { x: { uniform: [0, 1] } },
      };
      const created = await createGroup(ports, runtime.call(), {
        version: 1,
        kind: 'group',
        hptuning,
      });
      assert.ok(created.ok);
      const group = created.value.definition.config.id;
      const handedOut: number[] = [];
      const requests = await workAsCallers(ports, runtime.call, {
        group,
        callers,
        waitSeconds: 0,
        handedOut: ({ number }) => handedOut.push(number),
      });

      const read = await readGroup(ports, group);
      assert.ok(read.ok);
      const { head, definition } = read.value;
      assert.equal(head.counts.succeeded, definition.optimizer.planned);
      assert.deepEqual(
        [...handedOut].sort((a, b) => a - b),
        Array.from({ length: definition.optimizer.planned }, (_, i) => i + 1),
      );
      assert.ok(heads.stored < requests / 2, `${heads.stored} writes of the head`);
      // Whoever has left an errand takes it back.
      const left = await store.list(errandKey(group, { follow: 0 }), {
        from: '',
        to: END,
        limit: 10,
      });
      assert.deepEqual(left, []);
    });
  }
});
