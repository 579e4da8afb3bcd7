import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Experiment, Group } from '../../cli/answers.ts';
import { expectAnswer } from '../../cli/client.ts';
import { createLiveView, drawBlock } from '../../cli/progress/live.ts';
import type { Screen } from '../../cli/show/screen.ts';
import { createGroup, documentOf, planned, startService } from './helpers.ts';

interface Recorded extends Screen {
  readonly text: () => string;
}

function screenOf(columns: number, rows = 24): Recorded {
  let text = '';
  return {
    write: (more) => {
      text += more;
    },
    columns: () => columns,
    rows: () => rows,
    paint: (_style, shown) => `\u001b[1m${shown}\u001b[0m`,
    onResize: () => {},
    text: () => text,
  };
}

/** A group of which some experiments run. */
async function running(
  t: TestContext,
  count: number,
): Promise<{ readonly group: Group; readonly experiments: readonly Experiment[] }> {
  const service = await startService(t);
  const document = {
    ...documentOf('true', { ...planned(40), concurrency: 40 }),
    name: 'a'.repeat(60),
  };
  const { id } = await createGroup(service, document);
  const { experiments } = expectAnswer(
    await service.call('suggest', { group: id, body: { count } }),
  );
  return { group: expectAnswer(await service.call('readGroup', { group: id })), experiments };
}

for (const columns of [20, 40, 80, 200]) {
  test(`no line of the block is wider than a terminal of ${columns} columns`, async (t) => {
    const { group, experiments } = await running(t, 3);
    const state = {
      group,
      running: experiments.map((experiment) => ({
        experiment,
        startedAt: 0,
        step: 12,
        metrics: { loss: 0.123456789, accuracy: 0.987654321, another: 3 },
      })),
      elapsedMs: 3_723_000,
      leftMs: 60_000,
      now: 1_000,
    };

    const lines = drawBlock(state, screenOf(columns)).map(stripVTControlCharacters);

    assert.equal(lines.length, 6);
    assert.ok(
      lines.every((line) => line.length < columns),
      lines.join('\n'),
    );
    assert.match(lines[1] ?? '', columns < 40 ? /░/ : /0\/40 {2}3 running/);
    assert.match(lines[3] ?? '', /#1 {2}0:01/);
  });
}

test('a block leaves room on the terminal, whatever runs', async (t) => {
  const { group, experiments } = await running(t, 30);
  const shown = experiments.map((experiment) => ({
    experiment,
    startedAt: 0,
    step: null,
    metrics: {},
  }));

  const lines = drawBlock(
    { group, running: shown, elapsedMs: 0, leftMs: null, now: 0 },
    screenOf(80, 20),
  );

  assert.ok(lines.length < 20);
  assert.match(stripVTControlCharacters(lines.at(-1) ?? ''), /and 18 more/);
});

test('what should stay is written above the block, and the block goes at the end', async (t) => {
  const { group, experiments } = await running(t, 1);
  const screen = screenOf(80);
  const { events, close } = createLiveView({ screen, isVerbose: false, now: () => 0 });
  const [experiment] = experiments;
  assert.ok(experiment !== undefined);

  events.group(group);
  events.started(experiment);
  events.printed(experiment, 'not shown');
  events.warned('attention');
  events.ended({ ...experiment, status: 'failed' }, 'exit code 1\nno data');
  close();

  const text = stripVTControlCharacters(screen.text());
  assert.ok(!text.includes('not shown'));
  assert.ok(text.indexOf('attention') < text.indexOf('#1 failed'));
  assert.match(text, /#1 failed {2}lr=0\.\d+\n {2}exit code 1\n {2}no data\n/);
  assert.ok(screen.text().endsWith('\r\u001b[J\u001b[?25h'));
});
