import assert from 'node:assert/strict';
import { monotonicFactory } from 'ulid';
import type { Json } from '../domain/values.ts';
import { END } from '../store/keys.ts';
import type { Item, Key, Store } from '../store/store.ts';
import type { ConsumeOptions, Handler, Message, Queue } from './queue.ts';
import {
  assertOutgoing,
  assertReceive,
  assertRetry,
  consume,
  QUEUE_LIMITS,
  settle,
} from './queue.ts';

/*
 * A message is one item; its sort key is the time from which it may be received, and its id. So the messages that may
 * be received are one ordered list. A receive leaves the item in place and writes into it until when it is held: one
 * conditional write, which one of many receivers wins, whatever the store does in between. Only a retry moves the item.
 *
 *   send ──> item at its time ──receive──> held until …  ──remove──> gone
 *                 ^                           │  │
 *                 └──── visibility ended ─────┘  └──retry──> item at a later time
 */

interface Stored<T extends Json> {
  readonly body: T;
  readonly sentAt: number;
  readonly receives: number;
  /** Nobody receives it before this time, ms. */
  readonly heldUntil: number;
}

interface Buried<T extends Json> {
  readonly body: T;
  readonly sentAt: number;
}

/** Items read at a time; those that are held stay in the list and are passed over. */
const PAGE_ITEMS = 50;
/** A message that is being moved is held this long at its old place, so that nobody receives it at both. */
const MOVE_MS = 60_000;
/** Dead letters are kept as long as SQS keeps them at most: 14 days. */
const DEAD_LETTER_MS = 14 * 86_400_000;
/** Decimal digits of a time, ms: enough for every time that a Date can hold. */
const TIME_DIGITS = 16;

const padded = (time: number): string => String(time).padStart(TIME_DIGITS, '0');

const messageId = (sk: string): string => sk.slice(TIME_DIGITS + 1);

const receiptOf = (sk: string, receives: number): string => `${receives}@${sk}`;

function parseReceipt(receipt: string): { readonly receives: number; readonly sk: string } {
  const at = receipt.indexOf('@');
  return { receives: Number(receipt.slice(0, at)), sk: receipt.slice(at + 1) };
}

/** Calls the listener at every occasion, until the function it returns is called. */
export type Subscribe = (listener: () => void) => () => void;

export interface LocalQueue<T extends Json> extends Queue<T> {
  /** Tells of every send through this object. */
  readonly onSend: Subscribe;
}

export interface LocalQueueOptions {
  /** Tells the queues of one store apart. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How often a message is received before it goes to the dead letters. */
  readonly maxReceives: number;
}

/**
 * A queue whose messages are items of the store: what is sent in one turn of the event loop with a decision is kept, or
 * lost, together with it. A send is durable when the store says so; a receive waits for that itself, so that a message
 * which takes the process down with it is counted, and ends in the dead letters.
 */
export function createLocalQueue<T extends Json>(
  store: Store,
  { name, now, maxReceives }: LocalQueueOptions,
): LocalQueue<T> {
  const key = (sk: string): Key<Stored<T>> => ({ pk: `queue#${name}`, sk });
  const deadKey = (id: string): Key<Buried<T>> => ({ pk: `queue#${name}#dead`, sk: id });
  /** Sorts messages of the same millisecond by when they were sent. */
  const nextId = monotonicFactory();
  const listeners = new Set<() => void>();

  /** The items whose time has come and that nobody holds, oldest first. */
  async function* receivable(at: number): AsyncGenerator<Item<Stored<T>>> {
    const to = `${padded(at)}${END}`;
    let from = '';
    for (;;) {
      const page = await store.list(key(''), { from, to, limit: PAGE_ITEMS });
      yield* page.filter(({ body }) => body.heldUntil <= at);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ITEMS) return;
      from = `${last.sk}${END}`;
    }
  }

  /** The message, held by this receive; null where another one was first. */
  async function hold(item: Item<Stored<T>>, heldUntil: number): Promise<Message<T> | null> {
    const { sk, rev, body: stored } = item;
    const receives = stored.receives + 1;
    const body = { ...stored, receives, heldUntil };
    const { kind } = await store.put({ key: key(sk), body, expect: rev });
    if (kind === 'conflict') return null;
    return { id: messageId(sk), receipt: receiptOf(sk, receives), body: stored.body, receives };
  }

  /** Moves the message to the dead letters. */
  async function bury({ sk, body: { body, sentAt } }: Item<Stored<T>>, at: number): Promise<null> {
    const expires = at + DEAD_LETTER_MS;
    // Where the dead letter is there already, an earlier attempt was interrupted before the removal.
    await store.put({ key: deadKey(messageId(sk)), body: { body, sentAt }, expect: 0, expires });
    await store.remove(key(sk));
    return null;
  }

  /** The items that the receipts name, null where a receipt no longer counts. */
  async function heldBy(receipts: readonly string[]): Promise<readonly (Item<Stored<T>> | null)[]> {
    const parsed = receipts.map(parseReceipt);
    const items = await store.getMany(parsed.map(({ sk }) => key(sk)));
    return items.map((item, i) => (item?.body.receives === parsed[i]?.receives ? item : null));
  }

  return {
    async send(messages) {
      assertOutgoing(messages);
      const sentAt = now();
      for (const { body, delaySeconds = 0 } of messages) {
        const sk = `${padded(sentAt + delaySeconds * 1000)}#${nextId(sentAt).toLowerCase()}`;
        const stored = { body, sentAt, receives: 0, heldUntil: 0 };
        const { kind } = await store.put({ key: key(sk), body: stored, expect: 0 });
        assert.equal(kind, 'stored', 'the id of a message is new');
      }
      for (const listener of listeners) listener();
    },

    async receive(receive) {
      assertReceive(receive);
      const at = now();
      const heldUntil = at + receive.visibilitySeconds * 1000;
      const messages: Message<T>[] = [];
      for await (const item of receivable(at)) {
        const isSpent = item.body.receives >= maxReceives;
        const message = isSpent ? await bury(item, at) : await hold(item, heldUntil);
        if (message !== null) messages.push(message);
        if (messages.length === receive.max) break;
      }
      await store.durable();
      return messages;
    },

    async remove(receipts) {
      for (const item of await heldBy(receipts)) if (item !== null) await store.remove(item);
    },

    async retry(receipt, delaySeconds) {
      assertRetry(delaySeconds);
      const [item] = await heldBy([receipt]);
      if (item === null || item === undefined) return;
      const at = now();
      const visibleAt = at + delaySeconds * 1000;
      const moved = key(`${padded(visibleAt)}#${messageId(item.sk)}`);
      const stays = moved.sk === item.sk;
      const heldUntil = stays ? visibleAt : Math.max(visibleAt, at + MOVE_MS);
      const body = { ...item.body, heldUntil };
      const { kind } = await store.put({ key: key(item.sk), body, expect: item.rev });
      // Somebody else has received it meanwhile, or it is where it belongs.
      if (kind === 'conflict' || stays) return;
      // The new place comes first: an interruption in between leaves two of the message, never none.
      await store.put({ key: moved, body: { ...item.body, heldUntil: visibleAt }, expect: 0 });
      await store.remove(key(item.sk));
    },

    async deadLetters(limit) {
      const items = await store.list(deadKey(''), { from: '', to: END, limit });
      return items.map(({ sk, body: { body, sentAt } }) => ({ id: sk, body, sentAt }));
    },

    onSend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export interface PumpOptions extends ConsumeOptions {
  /** How often the pump looks where nobody wakes it: messages that were delayed or come again are found so. */
  readonly intervalMs: number;
  /** Wakes the pump, such as `onSend` of its queue. */
  readonly wake: Subscribe;
  /** Takes what went wrong; the pump goes on. */
  readonly onError: (error: unknown) => void;
}

export interface Pump {
  /** Takes no further batch; resolves when the one under way is done. */
  readonly stop: () => Promise<void>;
}

/** Wakes whoever waits, also for what happened before the wait began. */
interface Bell {
  readonly ring: () => void;
  /** Forgets what has rung: called before a look, as a send during it counts for the next one. */
  readonly silence: () => void;
  /** Resolves at the next ring, at once where it has rung, else when the interval is over. Keeps no process alive. */
  readonly wait: () => Promise<void>;
}

function createBell(intervalMs: number): Bell {
  let hasRung = false;
  let rouse = (): void => {};
  return {
    ring() {
      hasRung = true;
      rouse();
    },
    silence() {
      hasRung = false;
    },
    async wait() {
      if (hasRung) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, intervalMs).unref();
        rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}

/** Takes turns until it is stopped; one that says that there may be no more waits for the bell before the next. */
function startTurns(bell: Bell, wake: PumpOptions['wake'], turn: () => Promise<boolean>): Pump {
  let stopped = false;
  async function run(): Promise<void> {
    while (!stopped) {
      bell.silence();
      if (!(await turn()) && !stopped) await bell.wait();
    }
  }
  const sleep = wake(bell.ring);
  const running = run();
  return {
    async stop() {
      stopped = true;
      sleep();
      bell.ring();
      await running;
    },
  };
}

/**
 * Consumes a queue batch by batch, one at a time, until it is stopped. It keeps no process alive: the timer between two
 * looks is unref'd.
 */
export function startPump<T extends Json>(
  queue: Queue<T>,
  handler: Handler<T>,
  options: PumpOptions,
): Pump {
  const { intervalMs, wake, onError } = options;
  const bell = createBell(intervalMs);

  /** Consumes one batch; true where there may be more at once. */
  async function turn(): Promise<boolean> {
    try {
      const { received, errors } = await consume(queue, handler, options);
      for (const error of errors) onError(error);
      return received > 0;
    } catch (error) {
      onError(error);
      return false;
    }
  }

  return startTurns(bell, wake, turn);
}

export interface WidePumpOptions extends PumpOptions {
  /** Messages under way at most. */
  readonly atOnce: number;
}

/**
 * Consumes a queue message by message, many at once: one whose handler takes long holds up no other. It keeps no process
 * alive between two looks.
 */
export function startWidePump<T extends Json>(
  queue: Queue<T>,
  handler: Handler<T>,
  options: WidePumpOptions,
): Pump {
  const { atOnce, intervalMs, wake, onError } = options;
  const bell = createBell(intervalMs);
  const underWay = new Set<Promise<void>>();

  /** Takes messages for the free places; true where there may be more at once. */
  async function turn(): Promise<boolean> {
    const max = Math.min(QUEUE_LIMITS.messagesPerReceive, atOnce - underWay.size);
    if (max === 0) return false;
    try {
      const messages = await queue.receive({ max, visibilitySeconds: options.visibilitySeconds });
      for (const message of messages) {
        const work: Promise<void> = settle(queue, handler, { ...options, messages: [message] })
          .then(({ errors }) => errors.forEach(onError), onError)
          .finally(() => {
            underWay.delete(work);
            // A place is free again.
            if (underWay.size === atOnce - 1) bell.ring();
          });
        underWay.add(work);
      }
      return messages.length > 0;
    } catch (error) {
      onError(error);
      return false;
    }
  }

  const turns = startTurns(bell, wake, turn);
  return {
    async stop() {
      await turns.stop();
      await Promise.all(underWay);
    },
  };
}
