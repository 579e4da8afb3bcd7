import type { Bill, Billing, SweepUse } from './dollars.ts';
import { ASSUMED, billOf, durationMs, POSTS, sumOf } from './dollars.ts';
import { idleBill, KEPT_EXPERIMENTS, storageUsd } from './idle.ts';
import type { LoadFigures } from './load.ts';
import type { PairUse } from './pairs.ts';
import { PRICES_AS_OF, REGIONS, unsurePrices } from './prices.ts';
import { markdownTable, shown } from './table.ts';
import { TARGETS, targetRow } from './targets.ts';
import type { Standing } from './template.ts';

/** Everything that a run has measured. */
export interface Figures {
  readonly emulator: string;
  readonly uses: readonly PairUse[];
  readonly loads: readonly LoadFigures[];
  readonly standing: Standing;
  readonly sweep: SweepUse;
}

const MILLION = 1_000_000;
/** Write units a second that DynamoDB gives one partition key. */
const UNITS_PER_KEY = 1_000;
/** The concurrency that the figures beside the targets are for. */
const USUAL = 16;

const [HOME] = REGIONS;

/** Pairs a second of one group by the write units of its partition, and by its writes one after the other. */
const limitsOf = ({
  hottest,
}: PairUse): { readonly byUnits: number; readonly byTurns: number } => ({
  byUnits: UNITS_PER_KEY / hottest.units,
  byTurns: 1000 / (hottest.writes * ASSUMED.tableRoundMs),
});

const useOf = (uses: readonly PairUse[], workload: string, concurrency: number): PairUse => {
  const found = uses.find((use) => use.workload === workload && use.concurrency === concurrency);
  if (found === undefined) throw new Error(`${workload} at ${concurrency} was not measured`);
  return found;
};

/** The most callers of a load that went without an error and kept the budget; 0 where there is none. */
const faultless = (loads: readonly LoadFigures[]): number =>
  Math.max(
    0,
    ...loads
      .filter(
        ({ errors, twice, distinct, budget }) =>
          Object.keys(errors).length === 0 && twice === 0 && distinct === budget,
      )
      .map(({ callers }) => callers),
  );

function targets(figures: Figures): string {
  const { uses, loads, standing, sweep } = figures;
  const usual = useOf(uses, 'random', USUAL);
  const billing = { region: HOME, pairs: MILLION, accessLineBytes: standing.accessLineBytes };
  const idle = Object.values(idleBill({ standing, sweep }, HOME)).reduce((a, b) => a + b, 0);
  const { byUnits, byTurns } = limitsOf(usual);
  const random = `random, ${USUAL} out`;
  const worst = uses.reduce((a, b) => (a.writeUnits > b.writeUnits ? a : b));
  return markdownTable(
    ['measure', 'of', 'figure', 'first', 'strong', 'moonshot', 'reached'],
    [
      targetRow(TARGETS.suggestMs, random, usual.suggestMs[1]),
      targetRow(TARGETS.writeUnits, random, usual.writeUnits),
      targetRow(
        TARGETS.writeUnits,
        `${worst.workload}, ${worst.concurrency} out`,
        worst.writeUnits,
      ),
      targetRow(TARGETS.dollars, `${random}, ${HOME}`, sumOf(billOf(usual, billing))),
      targetRow(TARGETS.idle, HOME, idle),
      targetRow(TARGETS.pairsPerSecond, random, Math.min(byUnits, byTurns)),
      targetRow(TARGETS.workers, 'load test', faultless(loads)),
    ],
  );
}

const pairTable = (uses: readonly PairUse[]): string =>
  markdownTable(
    [
      'workload',
      'concurrency',
      'out at most',
      'pairs',
      'calls',
      'empty suggests',
      'write units',
      'read units',
      'table requests',
      'queue requests',
      'bytes in',
      'bytes out',
    ],
    uses.map((use) => [
      use.workload,
      use.concurrency,
      use.places,
      use.pairs,
      use.calls,
      use.empty,
      use.writeUnits,
      use.readUnits,
      use.tableRequests,
      use.queueRequests,
      Math.round(use.bytesIn),
      Math.round(use.bytesOut),
    ]),
  );

/** Whether the emulator tells the same units; those that differ. */
function told({ uses, emulator }: Figures): string {
  const differing = uses.filter(
    (use) =>
      Math.abs(use.writeUnits - use.writeUnitsTold) > 0.01 ||
      Math.abs(use.readUnits - use.readUnitsTold) > 0.01,
  );
  if (differing.length === 0) {
    return `${emulator} itself tells the same units for every workload.`;
  }
  return [
    `${emulator} itself tells others here; the larger figure is to be believed:`,
    '',
    markdownTable(
      ['workload', 'concurrency', 'write units', 'as told', 'read units', 'as told'],
      differing.map((use) => [
        use.workload,
        use.concurrency,
        use.writeUnits,
        use.writeUnitsTold,
        use.readUnits,
        use.readUnitsTold,
      ]),
    ),
  ].join('\n');
}

const timeTable = (uses: readonly PairUse[]): string =>
  markdownTable(
    [
      'workload',
      'concurrency',
      'suggest p50',
      'suggest p99',
      'suggests',
      'reports',
      'advance',
      'rounds of suggests',
      'rounds of reports',
      'Lambda ms',
    ],
    uses.map(({ workload, concurrency, suggestMs, functions }) => [
      workload,
      concurrency,
      ...suggestMs,
      functions.suggest.cpuMs,
      functions['report-metric'].cpuMs,
      functions.advance.cpuMs,
      functions.suggest.tableRounds,
      functions['report-metric'].tableRounds,
      durationMs('suggest', functions.suggest) +
        durationMs('report-metric', functions['report-metric']) +
        durationMs('advance', functions.advance),
    ]),
  );

function kindTable(uses: readonly PairUse[]): string {
  const kinds = [...new Set(uses.flatMap(({ writesByKind }) => Object.keys(writesByKind)))].sort();
  return markdownTable(
    ['workload', 'concurrency', ...kinds],
    uses.map(({ workload, concurrency, writesByKind }) => [
      workload,
      concurrency,
      ...kinds.map((kind) => writesByKind[kind] ?? 0),
    ]),
  );
}

function dollarTable(uses: readonly PairUse[], accessLineBytes: number): string {
  const bill = (use: PairUse, region: Billing['region']): Bill =>
    billOf(use, { region, pairs: MILLION, accessLineBytes });
  return markdownTable(
    ['workload', 'concurrency', ...POSTS, ...REGIONS.map((region) => `all in, ${region}`)],
    uses.map((use) => [
      use.workload,
      use.concurrency,
      ...POSTS.map((post) => bill(use, HOME)[post]),
      ...REGIONS.map((region) => sumOf(bill(use, region))),
    ]),
  );
}

function idleTable({ standing, sweep, uses }: Figures): string {
  const bills = REGIONS.map((region) => idleBill({ standing, sweep }, region));
  const [first] = bills;
  const { stored } = useOf(uses, 'random', USUAL);
  const kept = {
    bytes: stored.bytes * KEPT_EXPERIMENTS,
    items: stored.items * KEPT_EXPERIMENTS,
  };
  const sum = (bill: Readonly<Record<string, number>>): number =>
    Object.values(bill).reduce((a, b) => a + b, 0);
  return markdownTable(
    ['a month', ...REGIONS],
    [
      ...Object.keys(first ?? {}).map((post) => [post, ...bills.map((bill) => bill[post] ?? 0)]),
      ['in all, $', ...bills.map(sum)],
      [
        `beside it: ${KEPT_EXPERIMENTS} experiments kept, ${Math.round(kept.bytes / MILLION)} MB`,
        ...REGIONS.map((region) => storageUsd(region, kept)),
      ],
    ],
  );
}

function groupTable(uses: readonly PairUse[]): string {
  return markdownTable(
    [
      'workload',
      'concurrency',
      'head, bytes',
      'experiment, bytes',
      'largest chunk, bytes',
      'writes of the group',
      'their units',
      'pairs/s by units',
      'pairs/s by turns',
      'index units',
    ],
    uses.map((use) => {
      const { head = 0, experiment = 0, ...chunks } = use.sizes;
      const { byUnits, byTurns } = limitsOf(use);
      return [
        use.workload,
        use.concurrency,
        head,
        experiment,
        Math.max(0, ...Object.values(chunks)),
        use.hottest.writes,
        use.hottest.units,
        byUnits,
        byTurns,
        use.index,
      ];
    }),
  );
}

const loadTable = (loads: readonly LoadFigures[]): string =>
  markdownTable(
    [
      'callers',
      'pairs',
      'pairs/s',
      'bare puts/s',
      'pairs per put',
      'conflicts a pair',
      'errors',
      'handed out',
      'twice',
      'budget',
      'write units a pair',
      'of the group',
      'pairs/s by units',
    ],
    loads.map((load) => [
      load.callers,
      load.pairs,
      load.pairsPerSecond,
      load.putsPerSecond,
      load.pairsPerSecond / load.putsPerSecond,
      load.conflicts,
      Object.entries(load.errors)
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ') || 'none',
      load.distinct,
      load.twice,
      load.budget,
      load.writeUnits,
      load.hottest,
      UNITS_PER_KEY / load.hottest,
    ]),
  );

const unknownOf = ({ unknown }: Standing): string =>
  unknown.length === 0
    ? 'Every type of resource in the template has a price here.'
    : `Not counted, since nobody has looked their price up: ${unknown.join(', ')}.`;

/** The report of a run in Markdown. */
export const reportOf = (figures: Figures): string =>
  `# What a pair costs

A pair is one suggest that hands out an experiment and the reports on it. Written by \`npm run bench cost\`; what the
figures mean stands in [docs/costs.md](../../docs/costs.md). The table was ${figures.emulator}. Prices are those of ${PRICES_AS_OF}.

## Beside the targets

${targets(figures)}

## A pair

${pairTable(figures.uses)}

${told(figures)}

## Write units of a pair by kind of item

${kindTable(figures.uses)}

## Time of a pair

Processor time in ms on this machine, with the AWS SDK; rounds are waits for the table. The last column is what Lambda
bills: ${ASSUMED.tableRoundMs} ms a round, ${ASSUMED.queueRoundMs} ms for a poke, and the processor time on the function's share of a processor.

${timeTable(figures.uses)}

## A million pairs, US dollars in ${HOME}

${dollarTable(figures.uses, figures.standing.accessLineBytes)}

Without the free tier. May be off: ${unsurePrices().join(', ')}.

## An idle stack

${idleTable(figures)}

A sweep that finds nothing takes ${shown(figures.sweep.cpuMs)} ms of a processor. ${unknownOf(figures.standing)}

## What one group carries, by arithmetic

By units: ${UNITS_PER_KEY} write units a second for a partition key. By turns: one write after the other, ${ASSUMED.tableRoundMs} ms each.

${groupTable(figures.uses)}

## What one group carries, under load

Random search on the emulator, each caller as fast as it can. The ratio to bare conditional writes of the same number of
callers is the figure to compare; pairs a second are those of an emulator. All callers share one process of each function;
on Lambda each call under way has one of its own.

${loadTable(figures.loads)}
`;
