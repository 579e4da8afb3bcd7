import { createInterface } from 'node:readline/promises';
import { Failure } from './failure.ts';

/** Asks before something is deleted. Throws a `Failure` where nobody can answer. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Failure('deleting cannot be undone: add --yes to do it without being asked.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
