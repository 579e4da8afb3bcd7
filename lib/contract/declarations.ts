import { LIMITS } from '../domain/limits.ts';
import type { Mistake } from '../domain/problem.ts';
import type { Scalar, Value } from '../domain/values.ts';
import { NAME, NAME_RULE } from '../matrix/names.ts';
import { isMap } from '../matrix/numbers.ts';
import { show } from '../matrix/words.ts';
import { pathOf } from './fields.ts';

/** Returns the constants of a document, and every mistake in them. */
export function readDeclarations(
  raw: unknown,
  path: string,
): {
  readonly declarations: Readonly<Record<string, Value>>;
  readonly mistakes: readonly Mistake[];
} {
  const mistakes: Mistake[] = [];
  const declarations: Record<string, Value> = {};
  if (!isMap(raw)) {
    const message = `It is ${show(raw)}: it must be a map of constants, as in batch_size: 128.`;
    return { declarations, mistakes: [{ path, message }] };
  }
  for (const [name, sent] of Object.entries(raw)) {
    const place = pathOf(path, name);
    if (!NAME.test(name)) {
      mistakes.push({
        path: place,
        message: `It is called ${show(name)}: it must have ${NAME_RULE}.`,
      });
      continue;
    }
    const value = readValue(sent, place, mistakes);
    if (value !== null) declarations[name] = value;
  }
  return { declarations, mistakes };
}

const ITEM_RULE = `a finite number, true, false or a string of at most ${LIMITS.stringCharacters} characters`;

function readScalar(raw: unknown): Scalar | null {
  if (typeof raw === 'boolean') return raw;
  if (typeof raw === 'number' && Number.isFinite(raw)) return raw + 0;
  return typeof raw === 'string' && raw.length <= LIMITS.stringCharacters ? raw : null;
}

function readValue(raw: unknown, path: string, mistakes: Mistake[]): Value | null {
  if (!Array.isArray(raw)) {
    const scalar = readScalar(raw);
    if (scalar === null) {
      const message = `It is ${show(raw)}: it must be ${ITEM_RULE}, or a list of these.`;
      mistakes.push({ path, message });
    }
    return scalar;
  }
  if (raw.length > LIMITS.itemValues) {
    const message = `It has ${raw.length} items: at most ${LIMITS.itemValues} are allowed.`;
    mistakes.push({ path, message });
    return null;
  }
  const items: Scalar[] = [];
  for (const [index, item] of raw.entries()) {
    const scalar = readScalar(item);
    if (scalar !== null) items.push(scalar);
    else
      mistakes.push({
        path: pathOf(path, index),
        message: `It is ${show(item)}: it must be ${ITEM_RULE}.`,
      });
  }
  return items;
}
