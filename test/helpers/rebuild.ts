import assert from 'node:assert/strict';
import { isEnd } from '../../lib/domain/experiment.ts';
import { isMap } from '../../lib/matrix/numbers.ts';
import type { Event } from './contract.ts';
import type { GroupClient } from './service.ts';

/*
 * A group and its experiments from nothing but the group's log: what GET shows of them, measurements aside.
 */

type Shown = Readonly<Record<string, unknown>>;

/** What a log comes to. */
export interface Rebuilt {
  readonly group: Shown;
  /** By number. */
  readonly experiments: ReadonlyMap<number, Shown>;
}

/** What a log of no events comes to. */
export const NOTHING: Rebuilt = { group: {}, experiments: new Map() };

const NEW_EXPERIMENT: Shown = {
  attempt: 0,
  status: 'queued',
  status_reason: null,
  worker: null,
  objective: null,
  checkpoint: null,
  message: null,
  started_at: null,
  finished_at: null,
};

/** How an event changes its group, besides the counters. */
function groupAfter(group: Shown, { type, timestamp, group: id, data }: Event): Shown {
  switch (type) {
    case 'group.created':
      return { ...data, id };
    case 'group.stopping':
      return { ...group, ...data, status: 'stopping', finished_at: null };
    case 'group.stopped':
      return { ...group, ...data, status: 'stopped', finished_at: timestamp };
    case 'group.done':
      return { ...group, ...data, status: 'done', finished_at: timestamp };
    case 'group.resumed':
      return { ...group, status: 'running', status_reason: null, finished_at: null };
    case 'group.best_changed':
      return { ...group, best: data };
    case 'group.planned_changed': {
      const { planned, ...rest } = data;
      const progress = isMap(group['progress']) ? { ...group['progress'], planned } : null;
      return { ...group, ...rest, progress };
    }
    default:
      return group;
  }
}

/** How an event changes the experiment that it tells of; null where it changes none. */
function experimentAfter(old: Shown | undefined, event: Event): Shown | null {
  const { type, timestamp, data } = event;
  const experiment = old ?? NEW_EXPERIMENT;
  switch (type) {
    case 'experiment.queued':
      return { ...experiment, ...data, status: 'queued' };
    case 'experiment.dispatched':
      return { ...experiment, ...data, status: 'running', status_reason: null };
    case 'experiment.started':
      return { ...experiment, status: 'running' };
    case 'experiment.lease_lost':
      return { ...experiment, status: 'queued' };
    default: {
      const end = type.replace('experiment.', '');
      return isEnd(end) ? { ...experiment, ...data, status: end, finished_at: timestamp } : null;
    }
  }
}

/** The counters after an experiment has gone from one status to another. */
function progressAfter(progress: unknown, from: unknown, to: unknown): unknown {
  const counts: Record<string, unknown> = isMap(progress) ? { ...progress } : {};
  if (from !== undefined) counts[String(from)] = Number(counts[String(from)]) - 1;
  counts[String(to)] = Number(counts[String(to)]) + 1;
  return counts;
}

const later = (time: unknown, timestamp: string): string =>
  typeof time === 'string' && time > timestamp ? time : timestamp;

/** What a log comes to with further events. */
export function rebuild(events: readonly Event[], from: Rebuilt = NOTHING): Rebuilt {
  if (events.length === 0) return from;
  let { group } = from;
  const experiments = new Map(from.experiments);
  for (const event of events) {
    const before = group['updated_at'];
    group = groupAfter(group, event);
    const number = Number(event.data['number']);
    const old = experiments.get(number);
    const next = experimentAfter(old, event);
    if (next !== null) {
      experiments.set(number, next);
      const progress = progressAfter(group['progress'], old?.['status'], next['status']);
      group = { ...group, progress };
    }
    group = { ...group, updated_at: later(before, event.timestamp) };
  }
  return { group, experiments };
}

/** What reports bring: of an experiment that has not ended, the log does not tell it. */
const REPORTED = new Set(['objective', 'checkpoint', 'message']);

/** The part of a shown experiment that the log tells of. */
export const toldOf = (experiment: Shown): Shown =>
  Object.fromEntries(
    [
      'number',
      'values',
      'source',
      'rung',
      'resume_from',
      'created_at',
      ...Object.keys(NEW_EXPERIMENT),
    ]
      .filter((name) => isEnd(String(experiment['status'])) || !REPORTED.has(name))
      .map((name) => [name, experiment[name]]),
  );

/** Asserts that a group's log tells all that GET shows of the group and of its experiments. */
export async function assertRebuilt(client: GroupClient): Promise<Rebuilt> {
  // First what may find out that a lease has lapsed.
  const group = await client.read();
  const experiments = await client.experiments();

  const rebuilt = rebuild(await client.events());

  assert.deepEqual(rebuilt.group, group);
  assert.deepEqual(
    [...rebuilt.experiments.values()]
      .sort((a, b) => Number(a['number']) - Number(b['number']))
      .map(toldOf),
    experiments.map(toldOf),
  );
  return rebuilt;
}
