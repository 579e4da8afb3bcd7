import type { Context } from 'aws-lambda';

/** When the call is ended from outside. */
export type Deadline = Pick<Context, 'getRemainingTimeInMillis'>;

/** Time that is left for the answer itself, ms. */
const RESERVE_MS = 1_000;

/** The call would be ended from outside before its work is done. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/**
 * What the work resolves to. Throws `OutOfTime` a second before the call would be ended; the work itself is not stopped:
 * it goes on or ends with the process, as after a crash.
 */
export async function inTime<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const leftMs = Math.max(0, deadline.getRemainingTimeInMillis() - RESERVE_MS);
    timer = setTimeout(() => reject(new OutOfTime('the call has run out of time')), leftMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
