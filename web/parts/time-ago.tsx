import { signal } from '@preact/signals';
import { longTime, timeBetween } from '../format.ts';

const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1_000);

/** The present time, by the second; whoever reads it is drawn anew. */
export const present = (): number => now.value;

/** How long ago something was, with the time itself as a hint; a dash for never. */
export const TimeAgo = ({ time }: { readonly time: string | null }) =>
  time === null ? (
    <span>–</span>
  ) : (
    <time dateTime={time} title={longTime(time)}>
      {timeBetween(Date.parse(time), present())}
    </time>
  );
