import {
  eventCursor,
  experimentCursor,
  fromCursor,
  groupCursor,
  keyCursor,
  positionCursor,
  toCursor,
} from '../lib/contract/cursor.ts';
import { ROUTES } from '../lib/contract/routes.ts';
import { explanationToWire, keyToWire, measurementToWire } from '../lib/contract/wire.ts';
import { err, ok } from '../lib/domain/result.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { endpoint, httpFunction } from '../lib/runtime/http.ts';
import { jsonAnswer } from '../lib/runtime/problem.ts';
import { VERSION } from '../lib/runtime/version.ts';
import {
  badCursor,
  experimentIn,
  groupIn,
  showExperiment,
  showGroup,
  taggedAnswer,
} from '../lib/runtime/views.ts';
import { listKeys } from '../lib/service/api-keys.ts';
import { currentGroup } from '../lib/service/current.ts';
import { sourceOf } from '../lib/service/definition.ts';
import { listEvents } from '../lib/service/events.ts';
import {
  listExperiments,
  listMeasurements,
  readExperiment,
  readExplanation,
} from '../lib/service/experiments.ts';
import { listGroups, viewOf } from '../lib/service/groups.ts';

const page = (items: readonly unknown[], next: object | null) =>
  ok(jsonAnswer(200, { items, next_cursor: toCursor(next) }));

/** Everything that reads and changes nothing. */
export const create = httpFunction([
  endpoint(ROUTES.health, async () => ok(jsonAnswer(200, { status: 'ok', version: VERSION }))),
  endpoint(ROUTES.openapi, async () => {
    // What only describes the contract is more than all that reads it.
    const { openApiDocument } = await import('../lib/contract/openapi.ts');
    return ok(jsonAnswer(200, openApiDocument(VERSION)));
  }),
  endpoint(ROUTES.documentSchema, async () => {
    const { documentJsonSchema } = await import('../lib/contract/document-schema.ts');
    return ok(jsonAnswer(200, documentJsonSchema()));
  }),
  endpoint(ROUTES.listGroups, async (ports, { query }) => {
    const cursor = fromCursor(groupCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    const { views, next } = await listGroups(ports, {
      status: query.status,
      tag: query.tag,
      limit: query.limit,
      after: cursor.value?.g ?? null,
    });
    return page(views.map(showGroup), next === null ? null : { g: next });
  }),
  endpoint(ROUTES.readGroup, async (ports, request) => {
    const group = groupIn(request.path);
    if (!group.ok) return group;
    const current = await currentGroup(ports, group.value);
    if (!current.ok) return current;
    const show = async (): Promise<object> => showGroup(await viewOf(ports, current.value));
    return ok(await taggedAnswer(current.value, request, show));
  }),
  endpoint(ROUTES.listExperiments, async (ports, { path, query, principal }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const { sort, status, limit } = query;
    const cursor = fromCursor(experimentCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    if (cursor.value !== null && cursor.value.s !== sort) {
      return err(badCursor(`It belongs to a list sorted by ${cursor.value.s}.`));
    }
    const after =
      cursor.value === null ? null : { number: cursor.value.n, objective: cursor.value.o };
    const listed = await listExperiments(ports, { group: group.value, sort, status, limit, after });
    if (!listed.ok) return listed;
    const { definition, experiments, next, at } = listed.value;
    return page(
      experiments.map((experiment) => showExperiment({ definition, experiment, at }, principal)),
      next === null ? null : { n: next.number, o: next.objective, s: sort },
    );
  }),
  endpoint(ROUTES.readExperiment, async (ports, { path, principal }) => {
    const at = experimentIn(path);
    if (!at.ok) return at;
    const read = await readExperiment(ports, at.value);
    return read.ok ? ok(jsonAnswer(200, showExperiment(read.value, principal))) : read;
  }),
  endpoint(ROUTES.listMeasurements, async (ports, { path, query }) => {
    const at = experimentIn(path);
    if (!at.ok) return at;
    const cursor = fromCursor(positionCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    const position = cursor.value?.p ?? 0;
    const listed = await listMeasurements(ports, at.value, { position, limit: query.limit });
    if (!listed.ok) return listed;
    const { measurements, next } = listed.value;
    return page(measurements.map(measurementToWire), next === null ? null : { p: next });
  }),
  endpoint(ROUTES.explain, async (ports, { path }) => {
    const at = experimentIn(path);
    if (!at.ok) return at;
    const read = await readExplanation(ports, at.value);
    if (!read.ok) return read;
    const { definition, experiment, computed } = read.value;
    return ok(jsonAnswer(200, explanationToWire(sourceOf(definition), experiment, computed)));
  }),
  endpoint(ROUTES.listEvents, async (ports, { path, query }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const { sort, limit } = query;
    const cursor = fromCursor(eventCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    if (cursor.value !== null && (cursor.value.s ?? 'oldest') !== sort) {
      return err(badCursor('It belongs to a list in the other order.'));
    }
    const wanted = { sort, at: cursor.value?.p ?? null, limit };
    const listed = await listEvents(ports, group.value, wanted);
    if (!listed.ok) return listed;
    const { events, next } = listed.value;
    const after = sort === 'newest' ? { p: next, s: sort } : { p: next };
    return page(events, next === null ? null : after);
  }),
  endpoint(ROUTES.listKeys, async (ports, { query }) => {
    const cursor = fromCursor(keyCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    const after = cursor.value?.k ?? null;
    const { keys, next } = await listKeys(ports, { limit: query.limit, after });
    return page(keys.map(keyToWire), next === null ? null : { k: next });
  }),
]);

export const handler = create.for(cloudRuntime);
