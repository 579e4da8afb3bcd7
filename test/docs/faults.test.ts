import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { FAULTS } from '../../lib/domain/faults.ts';

const PAGE = new URL('../../docs/faults.md', import.meta.url);

/** The page as the table of faults makes it. */
function page(): string {
  const rows = Object.entries(FAULTS).map(
    ([code, { status, title, fix }]) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${title} | ${fix} |`,
  );
  return [
    '# Faults',
    '',
    'Every `code` that a problem document can carry, with what to do about it. Made from `lib/domain/faults.ts` by `npm run golden test/docs`.',
    '',
    '| code | status | what it is | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

test('docs/faults.md lists every code with its status and what to do', () => {
  if (process.env['RUNGWISE_UPDATE_GOLDENS'] === '1') writeFileSync(PAGE, page());

  assert.equal(readFileSync(PAGE, 'utf8'), page());
});
