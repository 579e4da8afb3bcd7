import { isOwed } from '../domain/delivery.ts';
import type { GroupHead, Place } from '../domain/group.ts';
import type { Definition } from './definition.ts';
import { fill } from './fill.ts';
import { changeHead } from './head.ts';
import type { Ports } from './ports.ts';

/*
 * When a group that pushes has something to hand out. The head says so in the write that makes it so, a poke follows, and
 * the sweep finds the mark where that is lost; the hand-out itself is that of every suggest (`dispatch.ts`).
 */

/** How long an experiment that was given back waits at first before it is pushed again, and at most, seconds. */
const PAUSE_SECONDS = { first: 10, most: 900 };

/** True where the service itself hands the group's experiments out. */
export const isPushed = ({ document }: Definition): boolean =>
  document.hptuning.dispatch === 'push';

/**
 * How long an experiment waits before it is pushed again after its launcher gave it back, seconds: longer each time, as a
 * launcher without room would give it back at once.
 *
 * @param attempt - the one that was given back
 */
export const pauseSeconds = (attempt: number): number =>
  Math.min(PAUSE_SECONDS.most, PAUSE_SECONDS.first * 2 ** Math.min(attempt - 1, 10));

/** True for a place whose experiment can be handed out again now. */
export const isFree = ({ r, t = 0 }: Place, now: number): boolean => r === 1 && t <= now;

const withoutPush = ({ push: _push, ...head }: GroupHead): GroupHead => head;

/** The head with the mark that there is something to push, where there is; for a group that is pulled, as it is. */
export function withPush(head: GroupHead, definition: Definition, now: number): GroupHead {
  if (!isPushed(definition)) return head;
  const hasSomething =
    head.status === 'running' &&
    (head.places.some((place) => isFree(place, now)) ||
      fill({ definition, now, marks: {} }, head, 1).head !== head);
  if (hasSomething) return head.push === undefined ? { ...head, push: 'due' } : head;
  return head.push === undefined ? head : withoutPush(head);
}

/** True where a webhook takes the hand-outs of the group. Before it says no it asks the store. */
export async function isHeard({ webhooks, now }: Ports, group: string): Promise<boolean> {
  const event = { type: 'experiment.dispatched', at: now() } as const;
  const takesIt = async (): Promise<boolean> => {
    const audience = await webhooks.audience.read();
    return audience.some((webhook) => isOwed(webhook, group, event));
  };
  if (await takesIt()) return true;
  webhooks.audience.forget();
  return takesIt();
}

/** Notes whether anybody takes what there is to push. What nobody takes waits without a poke or a sweep. */
export async function notePush(
  ports: Ports,
  group: string,
  push: NonNullable<GroupHead['push']>,
): Promise<void> {
  await changeHead(ports, group, (head) =>
    head.push === undefined || head.push === push
      ? { result: null }
      : { head: { ...head, push }, result: null },
  );
}
