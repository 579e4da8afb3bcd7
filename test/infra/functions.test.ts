import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import * as createGroup from '../../functions/create-group.ts';
import * as fallback from '../../functions/fallback.ts';
import * as insight from '../../functions/insight.ts';
import * as manage from '../../functions/manage.ts';
import * as manageWebhooks from '../../functions/manage-webhooks.ts';
import * as read from '../../functions/read.ts';
import * as reportMetric from '../../functions/report-metric.ts';
import * as suggest from '../../functions/suggest.ts';
import * as web from '../../functions/web.ts';
import { FUNCTION_NAMES, FUNCTIONS, METHODS } from '../../infra/functions.ts';
import { DUE_INDEX } from '../../infra/table.ts';
import { ROUTES } from '../../lib/contract/routes.ts';
import type { Place } from '../../lib/runtime/http.ts';
import { WEB_PLACES } from '../../lib/runtime/web.ts';
import { DUE_INDEX as DUE_INDEX_OF_STORE } from '../../lib/store/dynamodb.ts';
import { createReach } from './reach.ts';

const ROOT = dirname(dirname(import.meta.dirname));

/** What each function answers; those that no caller reaches answer nothing. */
const ROUTES_OF: ReadonlyMap<string, readonly Place[]> = new Map([
  ['create-group', createGroup.create.routes],
  ['suggest', suggest.create.routes],
  ['report-metric', reportMetric.create.routes],
  ['manage', manage.create.routes],
  ['manage-webhooks', manageWebhooks.create.routes],
  ['read', read.create.routes],
  ['insight', insight.create.routes],
  ['fallback', fallback.create.routes],
  ['web', web.create.routes],
]);

const routesOf = (name: (typeof FUNCTION_NAMES)[number]): string[] =>
  METHODS.flatMap((method) =>
    (FUNCTIONS[name].routes[method] ?? []).map((path) => `${method} ${path}`),
  ).sort();

describe('the table of functions', () => {
  test('there is a row for each file in functions/', () => {
    const files = globSync('functions/*.ts', { cwd: ROOT }).map((file) => basename(file, '.ts'));

    assert.deepEqual([...FUNCTION_NAMES].sort(), files.sort());
  });

  test('every call of the contract and every address of the dashboard has one route', () => {
    const routes = FUNCTION_NAMES.flatMap(routesOf).sort();

    assert.deepEqual(
      routes,
      [...Object.values(ROUTES), ...WEB_PLACES]
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
  });

  for (const name of FUNCTION_NAMES) {
    test(`the API hands to ${name} what it answers, and nothing else`, () => {
      const answered: readonly Place[] = ROUTES_OF.get(name) ?? [];

      assert.deepEqual(
        routesOf(name),
        answered.map(({ method, path }) => `${method} ${path}`).sort(),
      );
    });
  }

  test('the index of work to do has the name that the store asks for', () => {
    assert.equal(DUE_INDEX, DUE_INDEX_OF_STORE);
  });
});

describe('the grants', () => {
  const reach = createReach();
  /** What the store in the cloud does without asking the table. */
  const COSTS_NOTHING = new Set(['durable', 'expire', 'close']);

  for (const name of FUNCTION_NAMES) {
    test(`${name} is granted what its code can reach, and nothing else`, () => {
      const { store, ...reached } = reach(join('functions', `${name}.ts`));

      const { table, readsDue, pokes, deliveries, webhookKeys } = FUNCTIONS[name];
      assert.deepEqual(
        [...table, ...(readsDue ? ['due'] : [])].sort(),
        [...store].filter((operation) => !COSTS_NOTHING.has(operation)).sort(),
      );
      assert.deepEqual({ pokes, deliveries, webhookKeys }, reached);
    });
  }
});
