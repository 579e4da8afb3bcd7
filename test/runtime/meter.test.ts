import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createMeter, METRICS } from '../../lib/runtime/meter.ts';
import { observeStore } from '../../lib/runtime/observe.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';

const WHOSE = { team: 'vision', function: 'suggest' } as const;

describe('a meter', () => {
  test('tells CloudWatch which fields are metrics, and what they are told apart by', () => {
    const meter = createMeter(WHOSE);
    meter.add('Calls2xx', 1);
    meter.add('ExperimentsHandedOut', 2);
    meter.add('ExperimentsHandedOut', 1);

    const { _aws, ...fields } = meter.take('POST /v1/groups');

    assert.deepEqual(fields, { cold: true, ...WHOSE, Calls2xx: 1, ExperimentsHandedOut: 3 });
    assert.ok(typeof _aws === 'object' && _aws !== null && 'CloudWatchMetrics' in _aws);
    assert.deepEqual(_aws.CloudWatchMetrics, [
      {
        Namespace: 'Rungwise',
        Dimensions: [['team', 'route']],
        Metrics: [{ Name: 'Calls2xx', Unit: 'Count' }],
      },
      {
        Namespace: 'Rungwise',
        Dimensions: [['team', 'function']],
        Metrics: [{ Name: 'ExperimentsHandedOut', Unit: 'Count' }],
      },
    ]);
  });

  test('counts each call anew, and says nothing of what did not happen', () => {
    const meter = createMeter(WHOSE);
    meter.add('Calls2xx', 1);
    meter.add('RungsClosed', 0);
    meter.take('POST /v1/groups');

    assert.deepEqual(meter.take(null), {});
  });

  test('counts the operations of the store, its conflicts and its failures', async (t) => {
    const meter = createMeter(WHOSE);
    const real = openSqliteStore(null);
    t.after(() => real.close());
    const down = async (): Promise<never> => {
      throw new StoreUnavailable('not now');
    };
    const store = observeStore({ ...real, list: down }, meter);
    const key = { pk: 'a', sk: 'b' };

    await store.put({ key, body: 1, expect: 0 });
    await store.put({ key, body: 2, expect: 7 });
    await assert.rejects(store.list(key, { from: '', to: 'z', limit: 1 }), StoreUnavailable);

    const { store_calls, StoreConflicts, StoreUnavailable: unavailable } = meter.take(null);
    assert.deepEqual([store_calls, StoreConflicts, unavailable], [3, 1, 1]);
  });

  test('has every metric in docs/metrics.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');

    const missing = Object.entries(METRICS).filter(
      ([name, { unit, by }]) => !page.includes(`| \`${name}\` | ${unit} | ${by} |`),
    );

    assert.deepEqual(missing, []);
  });
});
