import { relative } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestEvent } from 'node:test/reporters';
import { spec } from 'node:test/reporters';

/** How many tests ended in each way. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Returns the closing line of a run: `12 passed, 0 failed`. */
export const closingLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

type Outcome = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

const isOutcome = (event: TestEvent): event is Outcome =>
  event.type === 'test:pass' || event.type === 'test:fail';

/** Tells whether an entry stands for its whole file: the file broke outside its tests, or has none. */
const standsForFile = ({ data }: Outcome): boolean => data.name === data.file;

const isLeftOut = ({ data }: Outcome): boolean => Boolean(data.skip ?? data.todo);

/** The entries that count: tests, and suites that were left out as a whole. */
const entriesOf = (events: readonly TestEvent[]): readonly Outcome[] =>
  events
    .filter(isOutcome)
    .filter((outcome) => outcome.data.details.type !== 'suite' || isLeftOut(outcome));

function tallyOf(entries: readonly Outcome[]): Tally {
  const isFailure = (outcome: Outcome): boolean =>
    !isLeftOut(outcome) && (outcome.type === 'test:fail' || standsForFile(outcome));
  const skipped = entries.filter(isLeftOut).length;
  const failed = entries.filter(isFailure).length;
  return { passed: entries.length - skipped - failed, failed, skipped };
}

/** Names an entry that was left out, with the reason. */
const leftOutLine = ({ data }: Outcome): string =>
  `  - left out: ${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}`;

/** What Node's own reporter shows of a file: its output, its tests, every failure in full. */
const inFull = (events: readonly TestEvent[]): Promise<string> =>
  text(Readable.from(events).compose(new spec()));

/** The test file that an event belongs to: not always the one that has the code, see shared suites. */
function entryFile(data: TestEvent['data']): string | undefined {
  if (data === undefined || !('file' in data)) return undefined;
  return 'entryFile' in data && typeof data.entryFile === 'string' ? data.entryFile : data.file;
}

/** Collects the events of each test file until its last one. */
async function* fileEvents(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<{ readonly file: string; readonly events: readonly TestEvent[] }> {
  const open = new Map<string, TestEvent[]>();
  for await (const event of events) {
    const file = entryFile(event.data);
    if (file === undefined) continue;
    const ofFile = open.get(file) ?? [];
    open.set(file, ofFile);
    ofFile.push(event);
    if (event.type !== 'test:summary' && !(isOutcome(event) && standsForFile(event))) continue;
    open.delete(file);
    yield { file, events: ofFile };
  }
  // In older releases an event names only the file that has the code: nothing may get lost there.
  for (const [file, ofFile] of open) if (ofFile.some(isOutcome)) yield { file, events: ofFile };
}

/**
 * Writes one line for each test file when it has ended, with everything about it where a test
 * failed, and returns how many tests ended in each way. A file that breaks outside its tests or has
 * no test counts as one failed test.
 *
 * @param events - of `run()` with absolute paths
 */
export async function report(
  events: AsyncIterable<TestEvent>,
  { root, write }: { readonly root: string; readonly write: (text: string) => void },
): Promise<Tally> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for await (const { file, events: ofFile } of fileEvents(events)) {
    const entries = entriesOf(ofFile);
    const tally = tallyOf(entries);
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
    write(`${tally.failed > 0 ? '✗' : '✓'} ${relative(root, file)}  ${closingLine(tally)}\n`);
    for (const entry of entries.filter(isLeftOut)) write(`${leftOutLine(entry)}\n`);
    if (tally.failed > 0) write(`${await inFull(ofFile)}\n`);
  }
  return total;
}
