import { LIMITS } from '../domain/limits.ts';
import type { Mistake } from '../domain/problem.ts';
import type { Json } from '../domain/values.ts';
import { isMap } from '../matrix/numbers.ts';
import { show } from '../matrix/words.ts';
import { pathOf } from './fields.ts';

/**
 * Tells whether something is JSON that can be stored and given back, no deeper than
 * `LIMITS.documentDepth`. Adds what is wrong to `mistakes`: non-finite numbers, `__proto__` keys,
 * depth.
 */
export function isJson(raw: unknown, path: string, mistakes: Mistake[]): raw is Json {
  const before = mistakes.length;
  inspect(raw, path, 0, mistakes);
  return mistakes.length === before;
}

function inspect(raw: unknown, path: string, depth: number, mistakes: Mistake[]): void {
  if (raw === null || typeof raw === 'string' || typeof raw === 'boolean') return;
  if (typeof raw === 'number') {
    if (Number.isFinite(raw)) return;
    mistakes.push({ path, message: `It is ${raw}: it must be a finite number.` });
    return;
  }
  if (depth >= LIMITS.documentDepth && typeof raw === 'object') {
    const message = `It is deeper than ${LIMITS.documentDepth} levels. Nest less.`;
    mistakes.push({ path, message });
    return;
  }
  if (Array.isArray(raw)) {
    for (const [index, item] of raw.entries()) {
      inspect(item, pathOf(path, index), depth + 1, mistakes);
    }
    return;
  }
  if (!isMap(raw)) {
    mistakes.push({ path, message: `It is ${show(raw)}: it must be a value that JSON can carry.` });
    return;
  }
  for (const [key, value] of Object.entries(raw)) {
    const place = pathOf(path, key);
    if (key === '__proto__') {
      mistakes.push({ path: place, message: '"__proto__" is not allowed as a key. Rename it.' });
    }
    inspect(value, place, depth + 1, mistakes);
  }
}
