const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Returns the finite number that was sent as a number or as its decimal text (`1e-3`), or null
 * where it is anything else. Zero has no sign.
 */
export function readNumber(sent: unknown): number | null {
  if (typeof sent !== 'number' && typeof sent !== 'string') return null;
  if (typeof sent === 'string' && !NUMBER.test(sent.trim())) return null;
  const number = Number(sent);
  return Number.isFinite(number) ? number + 0 : null;
}

/** Tells whether something is a map: an object that is not a list. */
export const isMap = (sent: unknown): sent is Readonly<Record<string, unknown>> =>
  typeof sent === 'object' && sent !== null && !Array.isArray(sent);
