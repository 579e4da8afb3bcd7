import { fromCursor, positionCursor, toCursor } from '../lib/contract/cursor.ts';
import {
  columnsToWire,
  contourToWire,
  importanceToWire,
  rungsToWire,
} from '../lib/contract/insight-wire.ts';
import { ROUTES } from '../lib/contract/routes.ts';
import { err, ok } from '../lib/domain/result.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { endpoint, httpFunction } from '../lib/runtime/http.ts';
import { jsonAnswer } from '../lib/runtime/problem.ts';
import { badCursor, groupIn, taggedAnswer } from '../lib/runtime/views.ts';
import { currentGroup } from '../lib/service/current.ts';
import { readColumns } from '../lib/service/insight/columns.ts';
import { readCurves } from '../lib/service/insight/curves.ts';
import { readRungPicture } from '../lib/service/insight/rung-picture.ts';

const cursorAfter = (next: number | null): string | null =>
  toCursor(next === null ? null : { p: next });

/** What plots are drawn from. */
export const create = httpFunction([
  endpoint(ROUTES.columns, async (ports, request) => {
    const { path, query } = request;
    const group = groupIn(path);
    if (!group.ok) return group;
    const cursor = fromCursor(positionCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    const current = await currentGroup(ports, group.value);
    if (!current.ok) return current;
    const { definition, head } = current.value;
    const show = async (): Promise<object> => {
      const page = { after: cursor.value?.p ?? 0, limit: query.limit };
      const { rows, next } = await readColumns(ports, current.value, page);
      const count = head.nextNumber - 1;
      return columnsToWire(definition.document.hptuning, {
        ...{ rows, count },
        cursor: cursorAfter(next),
      });
    };
    return ok(await taggedAnswer(current.value, request, show));
  }),
  endpoint(ROUTES.curves, async (ports, { path, query }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const cursor = fromCursor(positionCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    const current = await currentGroup(ports, group.value);
    if (!current.ok) return current;
    const { hptuning } = current.value.definition.document;
    const metric = query.metric ?? hptuning.algorithm.metric?.name ?? null;
    if (metric === null) return ok(jsonAnswer(200, { metric, items: [], next_cursor: null }));
    const { numbers, limit } = query;
    const after = cursor.value?.p ?? 0;
    const page = await readCurves(ports, current.value, { metric, numbers, after, limit });
    const answer = { metric, items: page.curves, next_cursor: cursorAfter(page.next) };
    return ok(jsonAnswer(200, answer));
  }),
  endpoint(ROUTES.rungs, async (ports, request) => {
    const group = groupIn(request.path);
    if (!group.ok) return group;
    const current = await currentGroup(ports, group.value);
    if (!current.ok) return current;
    const { hptuning } = current.value.definition.document;
    const show = async (): Promise<object> =>
      rungsToWire(hptuning, await readRungPicture(ports, current.value));
    return ok(await taggedAnswer(current.value, request, show));
  }),
  endpoint(ROUTES.importance, async (ports, { path }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const current = await currentGroup(ports, group.value);
    if (!current.ok) return current;
    const { hptuning } = current.value.definition.document;
    // What computes is more than all that only reads.
    const { readImportance } = await import('../lib/service/insight/importance.ts');
    const view = await readImportance(ports, current.value);
    return ok(jsonAnswer(200, importanceToWire(hptuning, view)));
  }),
  endpoint(ROUTES.contour, async (ports, { path, query }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const current = await currentGroup(ports, group.value);
    if (!current.ok) return current;
    const { hptuning } = current.value.definition.document;
    const { readContour } = await import('../lib/service/insight/contour.ts');
    const view = await readContour(ports, current.value, query);
    return view.ok ? ok(jsonAnswer(200, contourToWire(hptuning, view.value))) : view;
  }),
]);

export const handler = create.for(cloudRuntime);
