import { limitMistakes, refuse } from '../contract/mistakes.ts';
import type { End, ExperimentState, ExperimentStatus } from '../domain/experiment.ts';
import { compareObjectives, isEnd, objectiveOf, statusAt } from '../domain/experiment.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { Adding, GroupHead } from '../domain/group.ts';
import type { Hptuning, Matrix } from '../domain/hptuning.ts';
import { resourceOf } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { MetricValue } from '../domain/measurement.ts';
import type { Mistake } from '../domain/problem.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Prediction } from '../domain/suggestion.ts';
import type { Values } from '../domain/values.ts';
import { valuesMistakes } from '../matrix/bounds.ts';
import { addedKey, batchKey, experimentKey } from '../store/keys.ts';
import { suggestionOf } from './ahead.ts';
import { currentGroup, currentHead } from './current.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { changeHead, groupNotFound } from './head.ts';
import { loadExperiment } from './load.ts';
import type { Measurement } from './measurements.ts';
import { readMeasurements } from './measurements.ts';
import type { Call, Ports } from './ports.ts';
import { finishAdding } from './reconcile.ts';
import { readResults } from './results.ts';

/** Experiments read per step while a list is filtered. */
const LIST_STEP = 100;

export interface ExperimentView {
  readonly definition: Definition;
  readonly experiment: ExperimentState;
  /** When it was looked at, ms: a lapsed lease makes it queued again. */
  readonly at: number;
}

/**
 * One experiment.
 *
 * *Faults* `group_not_found`, `experiment_not_found`
 */
export async function readExperiment(
  ports: Ports,
  of: { readonly group: string; readonly number: number },
): Promise<Result<ExperimentView, Fault>> {
  const loaded = await loadExperiment(ports, of);
  if (!loaded.ok) return loaded;
  const { definition, head, experiment } = loaded.value;
  const current = await currentHead(ports, definition, head);
  if (!current.ok) return current;
  const key = experimentKey(of.group, of.number);
  const item = current.value === head.body ? experiment : await ports.store.get(key);
  return ok({ definition, experiment: (item ?? experiment).body, at: ports.now() });
}

export interface ExplanationView {
  readonly definition: Definition;
  readonly experiment: ExperimentState;
  /** The suggestion that it came from; null where its values follow from its index. */
  readonly computed: {
    readonly prediction: Prediction | null;
    readonly pending: readonly number[];
    readonly observations: number;
  } | null;
}

/**
 * Why an experiment has its values.
 *
 * *Faults* `group_not_found`, `experiment_not_found`
 */
export async function readExplanation(
  ports: Ports,
  of: { readonly group: string; readonly number: number },
): Promise<Result<ExplanationView, Fault>> {
  const loaded = await loadExperiment(ports, of);
  if (!loaded.ok) return loaded;
  const { definition, experiment } = loaded.value;
  const { index: own, batch } = experiment.body;
  const item = batch === undefined ? null : await ports.store.get(batchKey(of.group, batch));
  if (item === null || own === null) {
    return ok({ definition, experiment: experiment.body, computed: null });
  }
  const index = suggestionOf(definition, own);
  const { from, number, pending, observations, suggestions } = item.body;
  // What the same batch suggests before is tried at the same time.
  const before = number === null ? [] : Array.from({ length: index - from }, (_, i) => number + i);
  const prediction = suggestions[index - from]?.prediction ?? null;
  const computed = { prediction, pending: [...pending, ...before], observations };
  return ok({ definition, experiment: experiment.body, computed });
}

export interface MeasurementPage {
  readonly measurements: readonly Measurement[];
  /** Position of the first number of the next page, or null at the end. */
  readonly next: number | null;
}

/**
 * What an experiment has reported, by arrival.
 *
 * *Faults* `group_not_found`, `experiment_not_found`
 */
export async function listMeasurements(
  ports: Ports,
  of: { readonly group: string; readonly number: number },
  page: { readonly position: number; readonly limit: number },
): Promise<Result<MeasurementPage, Fault>> {
  const found = await readExperiment(ports, of);
  if (!found.ok) return found;
  const place = { ports, ...of };
  const measurements = await readMeasurements(place, found.value.experiment, page);
  const end = page.position + measurements.length;
  const isLast = measurements.length === 0 || end >= found.value.experiment.measured;
  return ok({ measurements, next: isLast ? null : end });
}

/** Where a page of experiments goes on. */
export interface ExperimentCursor {
  readonly number: number;
  readonly objective: MetricValue | null;
}

export interface ExperimentQuery {
  readonly group: string;
  readonly status: ExperimentStatus | null;
  readonly sort: 'number' | 'objective';
  readonly limit: number;
  readonly after: ExperimentCursor | null;
}

export interface ExperimentPage {
  readonly definition: Definition;
  readonly experiments: readonly ExperimentState[];
  readonly next: ExperimentCursor | null;
  readonly at: number;
}

/** One experiment in an ordered list, before its item is read. */
interface Row extends ExperimentCursor {
  readonly end: End | null;
}

/** Every experiment of the group with what sorting needs; only those that have not ended are read one by one. */
async function rowsOf(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
): Promise<readonly Row[]> {
  const group = definition.config.id;
  const { metric } = definition.document.hptuning.algorithm;
  const open = [...head.places, ...head.queued].map(({ n }) => n);
  const [results, items] = await Promise.all([
    readResults(ports, group, head, 0),
    ports.store.getMany(open.map((number) => experimentKey(group, number))),
  ]);
  const ended = results.map(([number, end, objective]): Row => ({ number, end, objective }));
  const running = items.flatMap((item): readonly Row[] =>
    item === null
      ? []
      : [{ number: item.body.number, end: null, objective: objectiveOf(item.body, metric) }],
  );
  return [...ended, ...running];
}

/**
 * Experiments of a group, by number or by objective (best first; non-finite after finite, none last; ties by number).
 *
 * *Faults* `group_not_found`
 */
export async function listExperiments(
  ports: Ports,
  query: ExperimentQuery,
): Promise<Result<ExperimentPage, Fault>> {
  const { group, after, limit, status } = query;
  const current = await currentGroup(ports, group);
  if (!current.ok) return current;
  const { definition, head } = current.value;
  const at = ports.now();
  const { metric } = definition.document.hptuning.algorithm;

  const order: (a: ExperimentCursor, b: ExperimentCursor) => number =
    query.sort === 'number'
      ? (a, b) => a.number - b.number
      : (a, b) => compareObjectives(a.objective, b.objective, metric) || a.number - b.number;
  const isPlain = query.sort === 'number' && status === null;
  const rows: readonly ExperimentCursor[] = isPlain
    ? Array.from(
        { length: Math.min(limit + 1, Math.max(0, head.nextNumber - 1 - (after?.number ?? 0))) },
        (_, offset) => ({ number: (after?.number ?? 0) + 1 + offset, objective: null }),
      )
    : (await rowsOf(ports, definition, head))
        .filter((row) => {
          if (status === null) return true;
          // Whether an open one is queued or running its own item tells.
          return isEnd(status) ? row.end === status || row.end === null : row.end === null;
        })
        .filter((row) => after === null || order(row, after) > 0)
        .sort(order);

  const experiments: ExperimentState[] = [];
  let next: ExperimentCursor | null = null;
  let last: ExperimentCursor | null = null;
  for (let start = 0; start < rows.length && next === null; start += LIST_STEP) {
    const step = rows.slice(start, start + LIST_STEP);
    const items = await ports.store.getMany(step.map(({ number }) => experimentKey(group, number)));
    for (const [position, row] of step.entries()) {
      const item = items[position] ?? null;
      if (item === null || (status !== null && statusAt(item.body, at) !== status)) continue;
      if (experiments.length === limit) {
        next = last;
        break;
      }
      experiments.push(item.body);
      last = row;
    }
  }
  return ok({ definition, experiments, next, at });
}

export interface NewExperiment {
  readonly group: string;
  readonly values: Values;
  readonly result: Adding['result'];
}

/** Mistakes in values that one answer lists: each repeats the names of the matrix, which can take 6 KB. */
const VALUES_MISTAKES_MAX = 100;

/** The parameters that the caller's own values have: those of the matrix, and the resource where there is one. */
function ownMatrix({ matrix, algorithm }: Hptuning): Matrix {
  const given = resourceOf(algorithm);
  if (given === null) return matrix;
  const { resource, maxIter } = given;
  return [...matrix, { name: resource.name, option: { kind: 'uniform', low: 0, high: maxIter } }];
}

function refuseValues(hptuning: Hptuning, request: NewExperiment): Fault | null {
  const mistakes: Mistake[] = [...valuesMistakes(ownMatrix(hptuning), request.values, 'values')];
  const { metric } = hptuning.algorithm;
  if (
    request.result?.end === 'succeeded' &&
    metric !== null &&
    !Object.hasOwn(request.result.metrics, metric.name)
  ) {
    const detail = `A known result that succeeded needs the metric "${metric.name}", which the search optimises.`;
    return fault('metric_missing', detail, {
      errors: [
        ...limitMistakes(mistakes, VALUES_MISTAKES_MAX),
        { path: `metrics.${metric.name}`, message: 'It is missing.' },
      ],
    });
  }
  return mistakes.length === 0 ? null : refuse('request', mistakes, VALUES_MISTAKES_MAX);
}

/**
 * Adds one of the caller's own experiments: to be run next, or with a result that is known already. It counts against
 * `concurrency` while it runs, never against the search's budget.
 *
 * *Faults* `group_not_found`, `group_finished`, `too_many_queued`, `invalid_request`, `metric_missing`
 */
export async function addExperiment(
  ports: Ports,
  call: Call,
  request: NewExperiment,
): Promise<Result<ExperimentView, Fault>> {
  const { group } = request;
  const definition = await definitionOf(ports, group);
  if (definition === null) return err(groupNotFound(group));
  const refused = refuseValues(definition.document.hptuning, request);
  if (refused !== null) return err(refused);

  const reserved = await changeHead<Result<number, Fault>>(ports, group, async (old) => {
    const head = await finishAdding(ports, definition, old);
    if (call.repeatable) {
      const added = await ports.store.get(addedKey(group, call.nonce));
      if (added !== null) return { head, result: ok(added.body.number) };
    }
    if (head.status === 'done' || head.reason?.code === 'early_stopping') {
      const why = head.reason?.detail ?? 'its search has ended';
      const detail = `The group ${group} takes no more experiments: ${why}.`;
      return { head, result: err(fault('group_finished', detail)) };
    }
    if (request.result === null && head.queued.length >= LIMITS.queuedOwnExperiments) {
      const detail = `${head.queued.length} experiments of the group ${group} wait already, ${LIMITS.queuedOwnExperiments} are allowed.`;
      return { head, result: err(fault('too_many_queued', detail)) };
    }
    const adding: Adding = {
      number: head.nextNumber,
      nonce: call.nonce,
      repeatable: call.repeatable,
      values: request.values,
      at: ports.now(),
      result: request.result,
    };
    return {
      head: { ...head, adding, nextNumber: head.nextNumber + 1 },
      result: ok(adding.number),
    };
  });
  if (!reserved.ok) return reserved;
  if (!reserved.value.ok) return reserved.value;

  const finished = await changeHead(ports, group, async (old) => {
    const head = await finishAdding(ports, definition, old);
    return head === old ? { result: null } : { head, result: null };
  });
  return finished.ok ? readExperiment(ports, { group, number: reserved.value.value }) : finished;
}
