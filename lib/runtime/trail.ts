import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { FaultCode } from '../domain/faults.ts';
import { isGroupId } from '../service/ids.ts';
import type { MetricName } from './meter.ts';
import type { Note } from './problem.ts';
import type { Runtime } from './runtime.ts';

/** What is known of a call that its log line tells. */
export interface Trail {
  /** When it came, on the clock of the process, ms. */
  readonly startedAt: number;
  /** Id of the key that it came with. */
  key: string | null;
  /** How it was refused. */
  code: FaultCode | null;
  note: Note;
}

/** The trail of a call that has just come. */
export const createTrail = (): Trail => ({
  startedAt: performance.now(),
  key: null,
  code: null,
  note: {},
});

const CLASSES: Readonly<Record<string, MetricName>> = {
  2: 'Calls2xx',
  4: 'Calls4xx',
  5: 'Calls5xx',
};

/** What the path names: only what has the form of an id, for callers can write anything there. */
function placeOf({ pathParameters = {} }: APIGatewayProxyEventV2): object {
  const { group = '', number = '' } = pathParameters;
  return {
    ...(isGroupId(group) ? { group } : {}),
    ...(/^[1-9]\d{0,9}$/.test(number) ? { number: Number(number) } : {}),
  };
}

/** Writes the line of a call that was answered, with its metrics; `error` is what has kept it from being carried out. */
export function logCall(
  { logger, meter }: Runtime,
  call: { readonly event: APIGatewayProxyEventV2; readonly trail: Trail },
  answered: { readonly status: number; readonly error?: unknown },
): void {
  const { event, trail } = call;
  const { status, error } = answered;
  const { counts = {}, ...place } = trail.note;
  const ms = performance.now() - trail.startedAt;
  const metric = CLASSES[String(status)[0] ?? ''];
  if (metric !== undefined) meter.add(metric, 1);
  meter.add('LatencyMs', ms);
  if (counts.handedOut !== undefined) meter.add('ExperimentsHandedOut', counts.handedOut);
  if (counts.reports !== undefined) meter.add('ReportsTaken', counts.reports);
  const fields = {
    request_id: event.requestContext.requestId,
    route: event.routeKey,
    status,
    ms: Math.round(ms * 10) / 10,
    ...placeOf(event),
    ...place,
    ...(trail.key === null ? {} : { key: trail.key }),
    ...(trail.code === null ? {} : { code: trail.code }),
    ...meter.take(event.routeKey),
  };
  if (error === undefined) logger.info('request', fields);
  else if (status === 500) logger.error('request failed', { ...fields, error });
  else logger.warn('request failed', { ...fields, error });
}
