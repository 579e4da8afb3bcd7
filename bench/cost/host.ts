// Runs one function in a process of its own, as Lambda does: node bench/cost/host.ts FILE. FILE exports `handler`.
import type { Invocation, Invoked } from './process.ts';

/** By how much a call has set the clock ahead; what the function keeps of it goes by it as well. */
let clockAheadMs = 0;
const machineNow = Date.now;
Date.now = () => machineNow() + clockAheadMs;

const file = process.argv[2] ?? '';
const loaded: {
  readonly handler: (event: unknown, context: object) => Promise<unknown>;
} = await import(file);

/** Lambda's own time limit is far away. */
const context = { getRemainingTimeInMillis: () => 60_000 };

const millisecondsOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

async function run({ id, event, aheadMs }: Invocation): Promise<Invoked> {
  clockAheadMs = aheadMs;
  const before = process.cpuUsage();
  const result = await loaded.handler(event, context);
  return { id, result, cpuMs: millisecondsOf(process.cpuUsage(before)) };
}

process.on('message', (invocation: Invocation) => {
  run(invocation).then(
    (invoked) => process.send?.(invoked),
    (error: unknown) => process.send?.({ id: invocation.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
