import { isMap, readNumber } from './numbers.ts';
import type { Place } from './place.ts';
import { nearestWord, orList, show } from './words.ts';

/** The names of an option's numbers, in the order of its short forms. */
export interface Shape {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** The numbers of an option, however they were written. */
export interface Fields {
  /** The option itself, where what concerns several numbers is noted. */
  readonly place: Place;
  /** Where one number was written. */
  readonly placeOf: (name: string) => Place;
  /**
   * The number of that name. NaN where it is missing or wrong, which is noted then; since no
   * comparison with NaN holds, checks on it add no second mistake.
   */
  readonly number: (name: string) => number;
  /** The same for a number that may be left out. */
  readonly numberOr: (name: string, fallback: number) => number;
}

interface Item {
  readonly sent: unknown;
  readonly place: Place;
}

/**
 * Returns the numbers of an option written as `"a:b:c"`, `[a, b, c]` or `{start: a, stop: b, step:
 * c}`, or null where it is none of them.
 */
export function readFields(sent: unknown, shape: Shape, place: Place): Fields | null {
  const items = readItems(sent, shape, place);
  if (items === null) return null;
  const numberOr = (name: string, fallback: number): number => {
    const item = items.get(name);
    if (item === undefined) return fallback;
    const number = readNumber(item.sent);
    if (number === null) {
      item.place.mistake(
        `${name} is ${show(item.sent)}: it must be a finite number, as in 0.1 or 1e-3.`,
      );
    }
    return number ?? Number.NaN;
  };
  return {
    place,
    placeOf: (name) => items.get(name)?.place ?? place,
    number: (name) => numberOr(name, Number.NaN),
    numberOr,
  };
}

const forms = ({ required, optional }: Shape): string => {
  const rest = optional.map((name) => `[:${name}]`).join('');
  return `"${required.join(':')}${rest}", [${required.join(', ')}] or {${required.map((name) => `${name}: …`).join(', ')}}`;
};

function readItems(sent: unknown, shape: Shape, place: Place): ReadonlyMap<string, Item> | null {
  if (typeof sent === 'string') {
    const parts = sent.split(':');
    return readList(
      parts.map((part) => ({ sent: part, place })),
      shape,
      place,
    );
  }
  if (Array.isArray(sent)) {
    const items: readonly unknown[] = sent;
    return readList(
      items.map((item, i) => ({ sent: item, place: place.at(i) })),
      shape,
      place,
    );
  }
  if (isMap(sent)) return readMap(sent, shape, place);
  place.mistake(`It is ${show(sent)}: write ${forms(shape)}.`);
  return null;
}

function readList(
  items: readonly Item[],
  shape: Shape,
  place: Place,
): ReadonlyMap<string, Item> | null {
  const names = [...shape.required, ...shape.optional];
  if (items.length < shape.required.length || items.length > names.length) {
    const allowed = [...new Set([shape.required.length, names.length])].map(String);
    place.mistake(
      `It has ${items.length} ${items.length === 1 ? 'item' : 'items'}: ${orList(allowed)} are needed. Write ${forms(shape)}.`,
    );
    return null;
  }
  const named = new Map<string, Item>();
  for (const [i, item] of items.entries()) named.set(names[i] ?? '', item);
  checkSize(named.get('size'), shape);
  return named;
}

/**
 * `size` means nothing here. But what stands in its place of a short form may be meant as something
 * else, so that only what can be a size is ignored.
 */
function checkSize(item: Item | undefined, { required }: Shape): void {
  if (item === undefined || item.sent === null) return;
  const size = readNumber(item.sent);
  if (size !== null && size >= 1 && Number.isInteger(size)) return;
  const hint = required.includes('q')
    ? 'Leave it out.'
    : 'Leave it out, or use the quantised option of the same name with a q in front, which takes a step q there.';
  item.place.mistake(
    `Item ${required.length + 1} is ${show(item.sent)}: it is size, a whole number from 1 that is ignored. ${hint}`,
  );
}

function readMap(
  sent: Readonly<Record<string, unknown>>,
  shape: Shape,
  place: Place,
): ReadonlyMap<string, Item> {
  const names = [...shape.required, ...shape.optional];
  const items = new Map<string, Item>();
  for (const [key, value] of Object.entries(sent)) {
    if (names.includes(key)) {
      items.set(key, { sent: value, place: place.at(key) });
    } else {
      // A name that is already there is hardly the one that was meant.
      const unused = names.filter((name) => !Object.hasOwn(sent, name));
      const nearest = nearestWord(key, unused.length > 0 ? unused : names);
      place
        .at(key)
        .mistake(
          `This key is unknown; the nearest one is ${nearest}. Known keys: ${names.join(', ')}.`,
          nearest,
        );
    }
  }
  for (const name of shape.required) {
    if (!items.has(name))
      place.at(name).mistake(`${name} is missing: it must be a number. Write ${forms(shape)}.`);
  }
  return items;
}
