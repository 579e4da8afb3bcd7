import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { sweepFunction } from '../lib/runtime/sweep.ts';

/** The periodic pass, called by a schedule. */
export const handler = sweepFunction(cloudRuntime);
