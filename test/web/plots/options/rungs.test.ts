import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STYLED } from '../../../../web/plots/options/palette.ts';
import { isNothing } from '../../../../web/plots/options/picture.ts';
import { drawRungs } from '../../../../web/plots/options/rungs.ts';
import { rungsOf81 } from '../fixtures.ts';

interface Drawing {
  readonly name?: string;
  readonly data: readonly unknown[];
}

const seriesOf = (rungs: ReturnType<typeof rungsOf81>) => {
  const picture = drawRungs({ rungs, resource: 'epochs' }, STYLED);
  assert.ok(!isNothing(picture));
  const { series } = picture.option;
  assert.ok(Array.isArray(series));
  const drawings: Drawing[] = series.map(({ name, data }) => {
    assert.ok(Array.isArray(data));
    return { data, ...(typeof name === 'string' ? { name } : {}) };
  });
  return { picture, drawings };
};

test('all 206 experiments of Hyperband with 81 epochs have a place of their own', () => {
  const { picture, drawings } = seriesOf(rungsOf81());
  const [links, ...groups] = drawings;
  const places = groups.flatMap(({ data }) => data.map((place) => JSON.stringify(place)));

  assert.equal(places.length, 206);
  assert.equal(new Set(places).size, 206);
  assert.equal(links?.data.length, 206 - (81 + 34 + 15 + 8 + 5));
  assert.match(
    picture.summary,
    /^5 brackets with 206 experiments .*: 63 promoted, 10 at the top, 133 not promoted/,
  );
  assert.ok(picture.height < 800, `${picture.height} pixels`);
});

test('what is on an open rung waits, whatever has no result is what its status says', () => {
  const { brackets } = rungsOf81();
  const [bracket] = (brackets ?? []).slice(3);
  assert.ok(bracket !== undefined);
  const [rung] = bracket.rungs;
  assert.ok(rung !== undefined);
  const statuses = ['succeeded', 'running', 'queued', 'failed', 'infeasible', 'stopped'] as const;
  const experiments = statuses.map((status, i) => ({
    number: 1_000 + i,
    objective: i,
    promoted: false,
    parent: null,
    status,
  }));
  const { drawings } = seriesOf({
    metric: 'loss',
    optimization: 'minimize',
    truncated: false,
    brackets: [
      { bracket: 1, rungs: [{ ...rung, status: 'open', experiments }, ...bracket.rungs.slice(1)] },
    ],
  });

  assert.deepEqual(
    drawings.slice(1).map(({ name, data }) => [name, data.length]),
    [
      ['at the top', 2],
      ['waits', 2],
      ['running', 1],
      ['queued', 1],
      ['failed', 2],
    ],
  );
});

test('a search without rungs says so', () => {
  const picture = drawRungs(
    {
      rungs: { metric: null, optimization: null, brackets: null, truncated: false },
      resource: 'epochs',
    },
    STYLED,
  );

  assert.deepEqual(picture, { nothing: 'This search has no rungs.' });
});
