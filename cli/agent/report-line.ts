import { parseJson } from '../../lib/contract/json-body.ts';
import { LIMITS } from '../../lib/domain/limits.ts';
import type { MetricValue } from '../../lib/domain/measurement.ts';
import type { Json } from '../../lib/domain/values.ts';
import type { Line } from './lines.ts';

/*
 * A training reports by printing lines such as `rungwise {"loss": 0.31, "step": 4}`.
 */

/** What a training reports at one moment. */
export interface Update {
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly step: number | null;
  readonly checkpoint: string | null;
  readonly message: string | null;
}

/** What a line of output is. */
export interface LineReading {
  /** Null for a line that reports nothing. */
  readonly update: Update | null;
  /** What of a report could not be understood: it is left out, the rest counts. */
  readonly mistakes: readonly string[];
}

const OUTPUT: LineReading = { update: null, mistakes: [] };
const REPORT = /^\s*rungwise\s+(\{.*)$/s;
const METRIC_NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;
/** Keys that are no metrics. */
const FIELDS = ['step', 'checkpoint', 'message'] as const;

const isMap = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWord = (value: Json): value is 'NaN' | 'Infinity' | '-Infinity' =>
  value === 'NaN' || value === 'Infinity' || value === '-Infinity';

/** A number as it is reported; null for anything else. A number too large for a double has become infinite. */
function metricValue(value: Json): MetricValue | null {
  if (isWord(value)) return value;
  if (typeof value !== 'number') return null;
  if (Number.isFinite(value)) return value;
  return value > 0 ? 'Infinity' : '-Infinity';
}

type Mistakes = string[];

function readStep(value: Json | undefined, mistakes: Mistakes): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value + 0;
  mistakes.push(`step is ${JSON.stringify(value)}: it must be a number from 0`);
  return null;
}

function readText(
  of: { readonly name: string; readonly bytesMax: number },
  value: Json | undefined,
  mistakes: Mistakes,
): string | null {
  if (value === undefined || value === null) return null;
  const { name, bytesMax } = of;
  if (typeof value !== 'string') {
    mistakes.push(`${name} is ${JSON.stringify(value)}: it must be a string`);
  } else if (Buffer.byteLength(value) > bytesMax) {
    mistakes.push(`${name} has more than ${bytesMax} bytes`);
  } else {
    return value;
  }
  return null;
}

function readMetrics(
  sent: Readonly<Record<string, Json>>,
  mistakes: Mistakes,
): Readonly<Record<string, MetricValue>> {
  const metrics: [string, MetricValue][] = [];
  for (const [name, raw] of Object.entries(sent)) {
    if (FIELDS.some((field) => field === name)) continue;
    const value = metricValue(raw);
    const shown = JSON.stringify(name);
    if (value === null) {
      mistakes.push(`${shown} is ${JSON.stringify(raw).slice(0, 60)}: a metric is a number`);
    } else if (!METRIC_NAME.test(name)) {
      mistakes.push(`${shown} is no name of a metric: it has 1 to 128 printable characters`);
    } else if (metrics.length === LIMITS.metricsPerReport) {
      mistakes.push(
        `${shown} is left out: a report has at most ${LIMITS.metricsPerReport} metrics`,
      );
    } else {
      metrics.push([name, value]);
    }
  }
  return Object.fromEntries(metrics);
}

/** Reads a line of a training's output. Never throws: what cannot be understood is said in `mistakes`. */
export function readLine({ text, isClipped }: Line): LineReading {
  const json = REPORT.exec(text)?.[1];
  if (json === undefined) return OUTPUT;
  if (isClipped) return { update: null, mistakes: ['the line is too long to be read'] };
  const parsed = parseJson(json, { bareWords: true });
  if (!parsed.ok || !isMap(parsed.value)) {
    return { update: null, mistakes: ['what follows "rungwise" is no JSON object'] };
  }
  const sent = parsed.value;
  const mistakes: string[] = [];
  const update: Update = {
    metrics: readMetrics(sent, mistakes),
    step: readStep(sent['step'], mistakes),
    checkpoint: readText(
      { name: 'checkpoint', bytesMax: LIMITS.checkpointBytes },
      sent['checkpoint'],
      mistakes,
    ),
    message: readText(
      { name: 'message', bytesMax: LIMITS.messageBytes },
      sent['message'],
      mistakes,
    ),
  };
  return { update, mistakes };
}
