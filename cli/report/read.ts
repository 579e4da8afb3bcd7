import type { Result } from '../../lib/domain/result.ts';
import type { Contour, Curves, Drawn, Importance, Rungs } from '../../web/plots/data.ts';
import { observedOf, ranked, recordsOf } from '../../web/plots/data.ts';
import type { Nothing } from '../../web/plots/options/picture.ts';
import type { Answer, Group } from '../answers.ts';
import type { CallFault, Service } from '../client.ts';
import { expectAnswer } from '../client.ts';
import { readGroup } from '../select-group.ts';

/** Experiments on a page of columns. */
const PAGE = 5_000;
/** Learning curves in a report: those of the best. */
const CURVES_MAX = 100;
const PATIENCE_MS = 60_000;

/** Everything that a report is made of. */
export interface Findings {
  readonly group: Group;
  readonly drawn: Drawn;
  readonly importance: Importance | Nothing;
  /** Null for a search with fewer than two parameters, or without a metric. */
  readonly contour: Contour | Nothing | null;
  readonly curves: Curves | null;
  readonly rungs: Rungs;
}

async function readDrawn(service: Service, group: string): Promise<Drawn> {
  const pages: Answer<'columns'>[] = [];
  for (let cursor: string | null = null; ; ) {
    const query: Readonly<Record<string, string | number | null>> = { limit: PAGE, cursor };
    const page: Answer<'columns'> = expectAnswer(
      await service.call('columns', { group, query, patienceMs: PATIENCE_MS }),
    );
    pages.push(page);
    cursor = page.next_cursor;
    if (cursor === null) return recordsOf(pages);
  }
}

/** What is computed anew for a report: where it cannot be, the report says why and has all the rest. */
const orWhy = <A>(result: Result<A, CallFault>): A | Nothing =>
  result.ok ? result.value : { nothing: result.fault.detail };

/** The two parameters that matter most, or the first two where nobody knows. */
function axesOf({ parameters }: Drawn, importance: Importance | Nothing): readonly string[] {
  const most = ('nothing' in importance ? [] : importance.parameters)
    .toSorted((a, b) => b.importance - a.importance)
    .map(({ name }) => name);
  return (most.length > 1 ? most : parameters).slice(0, 2);
}

/** Reads everything that a report is made of. */
export async function readFindings(service: Service, id: string): Promise<Findings> {
  const call = { group: id, patienceMs: PATIENCE_MS };
  const group = await readGroup(service, id);
  const drawn = await readDrawn(service, id);
  const importance = orWhy(await service.call('importance', call));
  const rungs = expectAnswer(await service.call('rungs', call));
  const [x, y] = axesOf(drawn, importance);
  const hasContour = drawn.objective !== null && x !== undefined && y !== undefined;
  const numbers = ranked(observedOf(drawn), drawn.objective?.optimization ?? 'minimize')
    .slice(0, CURVES_MAX)
    .map(({ number }) => number);
  return {
    group,
    drawn,
    importance,
    rungs,
    contour: hasContour ? orWhy(await service.call('contour', { ...call, query: { x, y } })) : null,
    curves:
      numbers.length === 0
        ? null
        : expectAnswer(
            await service.call('curves', {
              ...call,
              query: { numbers: numbers.join(','), limit: CURVES_MAX },
            }),
          ),
  };
}
