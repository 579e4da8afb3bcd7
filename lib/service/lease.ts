import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ExperimentState } from '../domain/experiment.ts';

/** Start of every lease token, by which it differs from a key. */
export const LEASE_PREFIX = 'lse_';
const MAC_CHARACTERS = 22;

/**
 * The token that proves an attempt's lease. It derives from a secret of the experiment, so that the token of an earlier
 * attempt can still be told from one that was made up, and nobody can make a later one.
 */
export function leaseToken(
  group: string,
  experiment: Pick<ExperimentState, 'number' | 'secret'>,
  attempt: number,
): string {
  const mac = createHmac('sha256', experiment.secret)
    .update(`${group} ${experiment.number} ${attempt}`)
    .digest('base64url')
    .slice(0, MAC_CHARACTERS);
  return `${LEASE_PREFIX}${attempt}_${mac}`;
}

/** The attempt whose lease the token proves, or null where it is no token of this experiment. */
export function attemptOf(
  group: string,
  experiment: ExperimentState,
  token: string,
): number | null {
  const attempt = Number(/^lse_(\d{1,6})_/.exec(token)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(attempt) || attempt < 1 || attempt > experiment.attempt) return null;
  const expected = Buffer.from(leaseToken(group, experiment, attempt));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected) ? attempt : null;
}

/** A 32-bit hash of a worker's name: where it is equal the experiment itself tells whose it is. */
export const workerHash = (worker: string): number =>
  createHash('sha256').update(worker).digest().readUInt32BE(0);
