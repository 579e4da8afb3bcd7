import { randomBytes } from 'node:crypto';
import type { Call } from '../service/ports.ts';

const NONCE_BYTES = 16;

/** Settles time and ids of requests: times strictly increase, so that ids made from them sort in order. */
export function createCalls(now: () => number): () => Call {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 1);
    return { at: last, nonce: randomBytes(NONCE_BYTES).toString('hex'), repeatable: false };
  };
}
