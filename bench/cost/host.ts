// Runs one function in a process of its own, as Lambda does: node bench/cost/host.ts FILE. FILE exports `handler`.
import type { Invocation, Invoked } from './process.ts';

const file = process.argv[2] ?? '';
const loaded: {
  readonly handler: (event: unknown, context: object) => Promise<unknown>;
} = await import(file);

/** Lambda's own time limit is far away. */
const context = { getRemainingTimeInMillis: () => 60_000 };

const millisecondsOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

async function run({ id, event }: Invocation): Promise<Invoked> {
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
