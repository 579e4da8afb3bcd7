import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { fallbackFunction } from '../lib/runtime/fallback.ts';

/** Answers every path and method that no other function answers. */
export const create = fallbackFunction;

export const handler = create.for(cloudRuntime);
