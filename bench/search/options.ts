import type { ParseArgsOptionsConfig } from 'node:util';

/** What every comparison with peers can be asked for. */
export const RUN_OPTIONS = {
  lanes: { type: 'string', default: '2' },
  only: { type: 'string', multiple: true, default: [] },
  own: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
} satisfies ParseArgsOptionsConfig;

/** Ends the process: it was asked for what it cannot do. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** The number of an option; ends the process where it is not a whole one above 0. */
export function positive(name: string, sent: string): number {
  const number = Number(sent);
  if (Number.isSafeInteger(number) && number > 0) return number;
  return fail(`--${name} is ${sent}: it must be a whole number above 0`);
}

/** Ends the process where `--only` names what there is not. */
export function checkNames(only: readonly string[], known: readonly string[]): void {
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) fail(`--only ${unknown.join(', ')}: known are ${known.join(', ')}`);
}

/** The names that `--only` leaves: all of a kind of which it names none. */
export function chosen(names: readonly string[], only: readonly string[]): ReadonlySet<string> {
  const some = names.filter((name) => only.includes(name));
  return new Set(some.length > 0 ? some : names);
}
