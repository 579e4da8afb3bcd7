import type { FunctionName } from '../../infra/functions.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import type { Measured } from './gateway.ts';
import { MEASURED } from './gateway.ts';
import type { FunctionShare, PairUse } from './pairs.ts';
import type { Priced, Region } from './prices.ts';
import { usdFor } from './prices.ts';

/** What the bench takes for granted, since it cannot measure it. */
export const ASSUMED = {
  /** A request to DynamoDB from a function of its region, ms. */
  tableRoundMs: 5,
  /** A request to SQS, ms. */
  queueRoundMs: 10,
  /** An endpoint's answer, with DNS and TLS, ms. */
  endpointMs: 200,
  /** Bytes that a connection to an endpoint sends beside its request: TLS with its certificates checked, no reuse. */
  tlsBytes: 1_000,
  /** Share of the calls that X-Ray records beside the first one of each second. */
  tracedShare: 0.05,
} as const;

export const GB = 1e9;
/** Memory by which a function gets one whole processor, MB. */
const PROCESSOR_MB = 1_769;
const MB_PER_GB = 1_024;
const API_STEP_BYTES = 512 * 1024;
/** What API Gateway adds to the headers of an answer: status, date, connection, its own id. */
const GATEWAY_HEADER_BYTES = 150;

type Timed = Pick<FunctionShare, 'cpuMs' | 'tableRounds' | 'queueRounds'>;

/** What one sweep uses. */
export interface SweepUse extends Timed {
  readonly readUnits: number;
}

/** How long calls of a function take, ms: what it computes, on its share of a processor, and what it waits for. */
export function durationMs(name: FunctionName, used: Timed): number {
  const share = Math.min(1, FUNCTIONS[name].memoryMb / PROCESSOR_MB);
  return (
    used.cpuMs / share +
    used.tableRounds * ASSUMED.tableRoundMs +
    used.queueRounds * ASSUMED.queueRoundMs
  );
}

/** GB-seconds of calls of a function. */
export const gbSeconds = (name: FunctionName, used: Timed): number =>
  (durationMs(name, used) / 1000) * (FUNCTIONS[name].memoryMb / MB_PER_GB);

/** Where the money goes. */
export const POSTS = [
  'api gateway',
  'lambda requests',
  'lambda time',
  'dynamodb writes',
  'dynamodb reads',
  'sqs',
  'logs',
  'x-ray',
  'data out',
] as const;
export type Post = (typeof POSTS)[number];

/** US dollars by post. */
export type Bill = Readonly<Record<Post, number>>;

/** Dollars of all posts. */
export const sumOf = (bill: Bill): number => POSTS.reduce((usd, post) => usd + bill[post], 0);

/** Where and how much is charged. */
export interface Billing {
  readonly region: Region;
  readonly pairs: number;
  /** Bytes that CloudWatch bills for a line of API Gateway's access log. */
  readonly accessLineBytes: number;
}

/** What so many pairs cost, US dollars. */
export function billOf(use: PairUse, { region, pairs, accessLineBytes }: Billing): Bill {
  const usd = (what: Priced, amount: number): number => usdFor(region, what, amount * pairs);
  const calls = use.calls + use.empty;
  const steps = Math.max(
    1,
    Math.ceil(Math.max(use.bytesIn, use.bytesOut) / calls / API_STEP_BYTES),
  );
  const shares = MEASURED.map((name) => [name, use.functions[name]] as const);
  const sum = (of: (name: Measured, share: FunctionShare) => number): number =>
    shares.reduce((total, [name, share]) => total + of(name, share), 0);
  const logged = sum((_, { logBytes }) => logBytes) + calls * accessLineBytes;
  return {
    'api gateway': usd('httpApiRequest', calls * steps),
    'lambda requests': usd(
      'lambdaRequest',
      sum((_, share) => share.calls),
    ),
    'lambda time': usd('lambdaGbSecond', sum(gbSeconds)),
    'dynamodb writes': usd('dynamoDbWrite', use.writeUnits),
    'dynamodb reads': usd('dynamoDbRead', use.readUnits),
    sqs: usd('sqsRequest', use.queueRequests),
    logs: usd('logIngestion', logged / GB),
    'x-ray': usd(
      'trace',
      sum((name, share) => (FUNCTIONS[name].isTraced ? share.calls * ASSUMED.tracedShare : 0)),
    ),
    'data out': usd('dataOut', (use.bytesSent + calls * GATEWAY_HEADER_BYTES) / GB),
  };
}
