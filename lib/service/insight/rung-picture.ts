import type { ExperimentStatus } from '../../domain/experiment.ts';
import type { GroupHead } from '../../domain/group.ts';
import { LIMITS } from '../../domain/limits.ts';
import type { MetricValue } from '../../domain/measurement.ts';
import type { AsyncPromotion, Promotion } from '../../optimizers/optimizer.ts';
import { END, promotedKey } from '../../store/keys.ts';
import type { CurrentGroup } from '../current.ts';
import type { Ports } from '../ports.ts';
import { readResults } from '../results.ts';

/*
 * Who is on which rung, put together from the head, the results and who was promoted: no experiment is read. So a search
 * of 100,000 experiments takes some hundred reads of chunks.
 */

/** Chunks of promoted experiments that are read at once. */
const PROMOTED_CHUNKS = 100;

export type RungStatus = 'waiting' | 'open' | 'closed';

/** One experiment on its rung. */
export interface RungExperiment {
  readonly number: number;
  readonly objective: MetricValue | null;
  readonly status: ExperimentStatus;
  readonly promoted: boolean;
  readonly parent: number | null;
}

export interface RungView {
  readonly rung: number;
  readonly resource: number;
  /** Null where it depends on results. */
  readonly capacity: number | null;
  readonly status: RungStatus;
  readonly count: number;
  readonly experiments: readonly RungExperiment[];
}

export interface BracketView {
  readonly bracket: number;
  readonly rungs: readonly RungView[];
}

export interface RungPicture {
  readonly brackets: readonly BracketView[];
  /** True where experiments are left out. */
  readonly truncated: boolean;
}

/** An experiment of the search as the head and the results tell of it. */
interface Known extends Pick<RungExperiment, 'number' | 'objective' | 'status'> {
  readonly index: number;
}

/** An experiment with its place. */
interface Placed extends RungExperiment {
  readonly bracket: number;
  readonly rung: number;
}

/** Every experiment of the search: those that have ended, those with a place, those that wait. */
async function readKnown(
  ports: Ports,
  { definition, head }: CurrentGroup,
): Promise<readonly Known[]> {
  const rows = await readResults(ports, definition.config.id, head, 0);
  const ended = rows.flatMap(([number, status, objective, index]): readonly Known[] =>
    index === null ? [] : [{ number, status, objective, index }],
  );
  const placed = head.places.flatMap(({ n, i, r }): readonly Known[] =>
    i === undefined
      ? []
      : [{ number: n, status: r === 1 ? 'queued' : 'running', objective: null, index: i }],
  );
  const queued = head.queued.flatMap(({ n, i, count = 1 }): readonly Known[] =>
    i === undefined
      ? []
      : Array.from({ length: count }, (_, offset) => ({
          number: n + offset,
          status: 'queued' as const,
          objective: null,
          index: i + offset,
        })),
  );
  return [...ended, ...placed, ...queued];
}

/** Who goes on in Hyperband: of each experiment beyond rung 0 the one that it continues, by their numbers. */
async function readParents(
  ports: Ports,
  group: string,
  { plan }: Promotion,
): Promise<(index: number) => number | null> {
  const first = promotedKey(group, { bracket: 0, rung: 0 }, 0);
  const prefix = first.sk.slice(0, first.sk.indexOf('#') + 1);
  /** By bracket and rung, in the order of the slots: chunks come in the order of their keys. */
  const parents = new Map<string, number[]>();
  let from = prefix;
  for (;;) {
    const chunks = await ports.store.list(first, {
      from,
      to: prefix + END,
      limit: PROMOTED_CHUNKS,
    });
    for (const { sk, body } of chunks) {
      const [, bracket, rung] = sk.split('#').map(Number);
      const known = parents.get(`${bracket}/${rung}`) ?? [];
      parents.set(`${bracket}/${rung}`, known);
      for (const [number] of body) known.push(number);
    }
    if (chunks.length < PROMOTED_CHUNKS) break;
    from = `${chunks.at(-1)?.sk ?? from}${END}`;
  }
  return (index) => {
    const { bracket, rung, slot } = plan.locate(index);
    return rung === 0 ? null : (parents.get(`${bracket}/${rung}`)?.[slot] ?? null);
  };
}

/** Where an experiment stands, and which one it continues. */
interface Ladder {
  readonly locate: (index: number) => { readonly bracket: number; readonly rung: number };
  readonly parentOf: (index: number) => number | null;
  /** Experiments that go on and are in no other way known to. */
  readonly going: readonly number[];
  /** The rungs without their experiments. */
  readonly brackets: readonly {
    readonly bracket: number;
    readonly rungs: readonly Omit<RungView, 'count' | 'experiments' | 'status'>[];
  }[];
  readonly statusOf: (of: { readonly bracket: number; readonly rung: number }) => RungStatus;
}

async function ladderOfBrackets(
  ports: Ports,
  { definition, head }: CurrentGroup,
  promotion: Promotion,
): Promise<Ladder> {
  const { plan } = promotion;
  return {
    locate: plan.locate,
    parentOf: await readParents(ports, definition.config.id, promotion),
    going: [],
    brackets: plan.brackets.map(({ bracket, rungs }) => ({
      bracket,
      rungs: rungs.map(({ experiments, resource }, rung) => ({
        rung,
        resource,
        capacity: experiments,
      })),
    })),
    statusOf: ({ bracket, rung }) => {
      const open = head.rungs.find((one) => one.bracket === bracket);
      if (open !== undefined && rung === open.rung) return 'open';
      const isBehind = open !== undefined && rung < open.rung;
      const isBegun = plan.freshOf({ bracket, slot: 0 }) < head.nextFresh;
      return isBehind || (open === undefined && isBegun) ? 'closed' : 'waiting';
    },
  };
}

function ladderOfHalving(
  head: GroupHead,
  halving: AsyncPromotion,
  known: readonly Known[],
): Ladder {
  const { bracket, locate, indexOf } = halving;
  const byIndex = new Map(known.map(({ index, number }) => [index, number]));
  const complete = head.halving?.complete ?? 0;
  const reached = known.reduce((most, { index }) => Math.max(most, locate(index).rung), -1);
  return {
    locate: (index) => ({ bracket: bracket.bracket, rung: locate(index).rung }),
    parentOf: (index) => {
      const { rung, slot } = locate(index);
      return rung === 0 ? null : (byIndex.get(indexOf({ rung: rung - 1, slot })) ?? null);
    },
    going: (head.halving?.ready ?? []).map(([, parent]) => parent),
    brackets: [
      {
        bracket: bracket.bracket,
        rungs: bracket.rungs.map(({ resource }, rung) => ({
          rung,
          resource,
          capacity: rung === 0 ? head.fresh : null,
        })),
      },
    ],
    statusOf: ({ rung }) =>
      rung < complete || head.status === 'done'
        ? 'closed'
        : rung <= Math.max(reached, 0)
          ? 'open'
          : 'waiting',
  };
}

/** As many experiments as a picture shows: those of the highest rungs first, on a rung those that go on. */
function shown(placed: readonly Placed[]): ReadonlySet<Placed> {
  const order = placed.toSorted(
    (a, b) => b.rung - a.rung || Number(b.promoted) - Number(a.promoted) || a.number - b.number,
  );
  return new Set(order.slice(0, LIMITS.rungExperiments));
}

/** Who is on which rung, and who goes on; null for a search without rungs. */
export async function readRungPicture(
  ports: Ports,
  current: CurrentGroup,
): Promise<RungPicture | null> {
  const { promotion, halving } = current.definition.optimizer;
  if (promotion === null && halving === null) return null;
  const known = await readKnown(ports, current);
  const ladder =
    promotion !== null
      ? await ladderOfBrackets(ports, current, promotion)
      : halving === null
        ? null
        : ladderOfHalving(current.head, halving, known);
  if (ladder === null) return null;
  const parents = known.map(({ index }) => ladder.parentOf(index));
  const going = new Set([...parents, ...ladder.going]);
  const placed = known.map(
    ({ index, number, objective, status }, i): Placed => ({
      ...{ number, objective, status },
      promoted: going.has(number),
      parent: parents[i] ?? null,
      ...ladder.locate(index),
    }),
  );
  const kept = shown(placed);
  const brackets = ladder.brackets.map(({ bracket, rungs }) => ({
    bracket,
    rungs: rungs.map((view): RungView => {
      const on = placed.filter((one) => one.bracket === bracket && one.rung === view.rung);
      return {
        ...view,
        status: ladder.statusOf({ bracket, rung: view.rung }),
        count: on.length,
        experiments: on.filter((one) => kept.has(one)).toSorted((a, b) => a.number - b.number),
      };
    }),
  }));
  return { brackets, truncated: kept.size < placed.length };
}
