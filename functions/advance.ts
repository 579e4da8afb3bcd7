import { advanceFunction } from '../lib/runtime/advance.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';

/** Closes rungs and begins the next ones, called by the queue. */
export const create = advanceFunction;

export const handler = create(cloudRuntime);
