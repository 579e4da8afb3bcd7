const DAY_MS = 86_400_000;

/** How long a key holds: a word for each span, with its days; null holds until it is revoked. */
export const SPANS: readonly { readonly title: string; readonly days: number | null }[] = [
  { title: 'until it is revoked', days: null },
  { title: 'a day', days: 1 },
  { title: '30 days', days: 30 },
  { title: '90 days', days: 90 },
  { title: 'a year', days: 365 },
];

/** Returns when a key expires that holds for so many days from a time on, in milliseconds since the epoch. */
export const expiryIn = (days: number | null, now: number): string | null =>
  days === null ? null : new Date(now + days * DAY_MS).toISOString();
