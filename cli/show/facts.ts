import { printable } from './format.ts';
import type { Screen } from './screen.ts';

/** Writes what is known of something by name, a line each; what is null is left out. */
export function printFacts(facts: Readonly<Record<string, string | null>>, screen: Screen): void {
  const lines = Object.entries(facts);
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, text] of lines) {
    if (text === null) continue;
    screen.write(`${screen.paint('dim', name.padEnd(width))}  ${printable(text)}\n`);
  }
}
