/*
 * Metrics in CloudWatch's embedded metric format: they travel within the log line of a call, and CloudWatch takes them out.
 * docs/metrics.md lists them with what they cost.
 */

const NAMESPACE = 'Rungwise';

const DIMENSIONS = {
  route: ['team', 'route'],
  function: ['team', 'function'],
} as const;

interface MetricRow {
  readonly unit: 'Count' | 'Milliseconds';
  /** What it is told apart by, beside the team. CloudWatch charges for each combination that is in use. */
  readonly by: keyof typeof DIMENSIONS;
}

const COUNT = { unit: 'Count', by: 'function' } as const;
const TIME = { unit: 'Milliseconds', by: 'function' } as const;

/** Every metric. */
export const METRICS = {
  Calls2xx: { unit: 'Count', by: 'route' },
  Calls4xx: { unit: 'Count', by: 'route' },
  Calls5xx: { unit: 'Count', by: 'route' },
  LatencyMs: { unit: 'Milliseconds', by: 'route' },
  ExperimentsHandedOut: COUNT,
  ReportsTaken: COUNT,
  RungsClosed: COUNT,
  SuggestionsComputed: COUNT,
  SuggestionMs: TIME,
  PokesHandled: COUNT,
  PokesFailed: COUNT,
  WebhooksDelivered: COUNT,
  WebhooksFailed: COUNT,
  WebhooksDead: COUNT,
  WebhooksDisabled: COUNT,
  GroupsSwept: COUNT,
  SweepFailures: COUNT,
  SweepMs: TIME,
  StoreConflicts: COUNT,
  StoreUnavailable: COUNT,
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;

/** Fields of a log line. */
type Fields = Readonly<Record<string, unknown>>;

/** Counts until somebody takes what was counted. One call at a time: that is how Lambda runs a process. */
export interface Meter {
  readonly add: (metric: MetricName, value: number) => void;
  /** Notes an operation of the store and how long it took, ms; the line tells their number and their sum. */
  readonly addStore: (ms: number) => void;
  /** Takes what was counted since the last time, as fields of one line; `route` is that of the call, null for none. */
  readonly take: (route: string | null) => Fields;
}

/** Counts nothing. */
export const NO_METER: Meter = { add() {}, addStore() {}, take: () => ({}) };

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

/** The directives of the embedded metric format: which fields are metrics, and what they are told apart by. */
function directives(counted: ReadonlyMap<MetricName, number>, route: string | null): object[] {
  const dimensions = route === null ? (['function'] as const) : (['route', 'function'] as const);
  return dimensions.flatMap((by) => {
    const named = [...counted.keys()].filter((name) => METRICS[name].by === by);
    if (named.length === 0) return [];
    const metrics = named.map((Name) => ({ Name, Unit: METRICS[Name].unit }));
    return [{ Namespace: NAMESPACE, Dimensions: [DIMENSIONS[by]], Metrics: metrics }];
  });
}

/** A meter for a function of a team's stack. */
export function createMeter(whose: { readonly team: string; readonly function: string }): Meter {
  let counted = new Map<MetricName, number>();
  let store = { calls: 0, ms: 0 };
  let isCold = true;
  return {
    add(metric, value) {
      // Nothing is no value: a line costs by its bytes.
      if (value > 0) counted.set(metric, (counted.get(metric) ?? 0) + value);
    },
    addStore(ms) {
      store = { calls: store.calls + 1, ms: store.ms + ms };
    },
    take(route) {
      const metrics = directives(counted, route);
      const fields = {
        ...(isCold ? { cold: true } : {}),
        ...(store.calls === 0 ? {} : { store_calls: store.calls, store_ms: rounded(store.ms) }),
        ...(metrics.length === 0
          ? {}
          : {
              ...whose,
              ...Object.fromEntries([...counted].map(([name, value]) => [name, rounded(value)])),
              _aws: { Timestamp: Date.now(), CloudWatchMetrics: metrics },
            }),
      };
      counted = new Map();
      store = { calls: 0, ms: 0 };
      isCold = false;
      return fields;
    },
  };
}
