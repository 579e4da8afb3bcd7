import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as schemas from '../../lib/contract/schemas.ts';
import { EVENT_TYPES } from '../../lib/domain/group.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');

/** Rows of the page's table: the type, and the names of its data. */
const rows = [...PAGE.matchAll(/^\| `(\w+\.\w+)` \| .+ \| (.+) \|$/gm)].map(([, type, data]) => ({
  type,
  names: [...(data ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
}));

/** The same as the contract has it. */
const contract = schemas.event.options.flatMap(({ shape: { type, data } }) =>
  ('options' in data ? data.options : [data]).map(({ shape }) => ({
    type: type.value,
    names: Object.keys(shape),
  })),
);

const sorted = (list: typeof rows): readonly string[] =>
  list.map(({ type, names }) => `${type}: ${names.toSorted().join(' ')}`).toSorted();

describe('docs/events.md', () => {
  test('lists every event in the order of their types', () => {
    const types = [...new Set(rows.map(({ type }) => type))];

    assert.deepEqual(types, [...EVENT_TYPES]);
  });

  test('names the data of every event as the contract does', () => {
    assert.deepEqual(sorted(rows), sorted(contract));
  });
});
