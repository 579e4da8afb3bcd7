import { setTimeout as sleep } from 'node:timers/promises';
import { listenForInterrupts } from '../agent/interrupts.ts';
import type { Event } from '../answers.ts';
import type { Service } from '../client.ts';
import { expectAnswer } from '../client.ts';
import type { ServiceOptions } from '../connect.ts';
import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { PAGE_ITEMS } from '../pages.ts';
import { selectGroup } from '../select-group.ts';
import { assignments, moment, printable } from '../show/format.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';

const FOLLOW_MS = 1_000;
/** How long the service may be away while its events are followed, ms. */
const PATIENCE_MS = 60_000;
/** Nothing comes after these. */
const LAST = new Set(['group.done', 'group.deleted']);

export interface EventsOptions extends ServiceOptions {
  readonly json?: boolean;
  readonly follow?: boolean;
}

/** What people want to know of an event at a glance, in this order; programs get all of it. */
const GLANCE = [
  'number',
  'attempt',
  'worker',
  'retaken',
  'metric',
  'value',
  'objective',
  'bracket',
  'rung',
  'promoted',
  'iteration',
  'planned',
] as const;

const isPlain = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && typeof value !== 'object';

function describeEvent({ timestamp, type, data }: Event): string {
  const members = new Map<string, unknown>(Object.entries(data));
  const facts = GLANCE.flatMap((name) =>
    isPlain(members.get(name)) ? [[name, members.get(name)] as const] : [],
  );
  const values = 'values' in data ? assignments(data.values) : '';
  const reason = 'status_reason' in data ? (data.status_reason?.detail ?? '') : '';
  const isCreation = type === 'group.created';
  const said = isCreation
    ? []
    : [assignments(Object.fromEntries(facts)), values, printable(reason)];
  return [stdout.paint('dim', moment(timestamp)), type.padEnd(24), ...said]
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
}

/** Yields a group's events, oldest first; with `signal` those to come as well, until it aborts. */
async function* eventsOf(
  service: Service,
  group: string,
  signal: AbortSignal | null,
): AsyncGenerator<Event> {
  let cursor: string | null = null;
  // The last page has no cursor of its own: what it showed already is passed over when it is read again.
  let seen = '';
  for (;;) {
    const patienceMs = seen === '' ? 0 : PATIENCE_MS;
    const query: Record<string, string | number | null> = { limit: PAGE_ITEMS, cursor };
    const page = expectAnswer(await service.call('listEvents', { group, query, patienceMs }));
    for (const event of page.items) {
      if (event.id <= seen) continue;
      seen = event.id;
      yield event;
    }
    if (page.next_cursor !== null) {
      cursor = page.next_cursor;
    } else {
      if (signal === null) return;
      await sleep(FOLLOW_MS, null, { signal }).catch(() => null);
      if (signal.aborted) return;
    }
  }
}

/** Lists a group's events; with --follow until the group has ended or Ctrl-C. */
export const events = (word: string, options: EventsOptions): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const { id } = await selectGroup(service, word);
    const interrupts = options.follow === true ? listenForInterrupts() : null;
    for await (const event of eventsOf(service, id, interrupts?.soft ?? null)) {
      if (options.json === true) printJson(event);
      else print(describeEvent(event));
      if (LAST.has(event.type)) break;
    }
    interrupts?.dispose();
    return EXIT.done;
  });
