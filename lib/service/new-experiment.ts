import { randomBytes } from 'node:crypto';
import type { ExperimentState } from '../domain/experiment.ts';
import type { Adding } from '../domain/group.ts';
import { addToSummary } from '../domain/measurement.ts';
import type { Definition } from './definition.ts';
import type { Given } from './given.ts';
import { givenAt } from './given.ts';
import type { Ports } from './ports.ts';

/** Bytes of the secret behind an experiment's lease tokens. */
const SECRET_BYTES = 16;

/** What is known of an experiment before it has an item. */
export interface Origin {
  readonly number: number;
  /** Index among the search's experiments; null for the caller's own. */
  readonly index: number | null;
  /** The batch that its values come from, where they were computed. */
  readonly batch?: string | undefined;
  /** Number of the experiment that it continues, where experiments are promoted one by one. */
  readonly parent?: number | undefined;
  readonly at: number;
  /** The caller's own values. */
  readonly values?: Adding['values'];
  /** A result that the caller knows already. */
  readonly result?: Adding['result'];
}

/** A new experiment, handed out to nobody yet; null where the search has none of that index. */
export async function newExperiment(
  ports: Ports,
  definition: Definition,
  origin: Origin,
): Promise<ExperimentState | null> {
  const { index, batch, parent, result = null } = origin;
  const given: Given | null =
    index === null
      ? { values: origin.values ?? {}, source: 'caller', rung: null, resumeFrom: null }
      : await givenAt(ports, definition, { index, batch, parent });
  if (given === null) return null;
  const entry = result === null ? null : { a: 0, t: origin.at, s: null, m: result.metrics };
  const numbers = entry === null ? 0 : Object.keys(entry.m).length;
  return {
    number: origin.number,
    index,
    ...given,
    ...(batch === undefined ? {} : { batch }),
    status: result?.end ?? 'queued',
    reason: null,
    worker: null,
    attempt: 0,
    secret: randomBytes(SECRET_BYTES).toString('hex'),
    expiresAt: 0,
    createdAt: origin.at,
    startedAt: null,
    reported: false,
    finishedAt: result === null ? null : origin.at,
    metrics: Object.fromEntries(
      Object.entries(entry?.m ?? {}).map(([name, value]) => [
        name,
        addToSummary(undefined, { attempt: 0, step: null, value }),
      ]),
    ),
    checkpoint: null,
    message: result?.message ?? null,
    measured: numbers,
    tail: entry === null || numbers === 0 ? [] : [entry],
    endDigest: null,
    lastRequest: null,
  };
}
