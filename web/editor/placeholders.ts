import { isMap, isScalar, parseDocument } from 'yaml';

/*
 * The names that a command can use: parameters, constants, the resource.
 */

/** What stands before the cursor where a name is being typed, on its line. */
const OPEN = /\{\{\s*(\w*)$/;

/** Where names stand as keys of a map. */
const MAPS = [['hptuning', 'matrix'], ['declarations'], ['params']];

/** A name to be typed. */
export interface Placeholder {
  /** What has been typed of it. */
  readonly word: string;
  readonly names: readonly string[];
  /** True where its braces are closed behind the cursor. */
  readonly isClosed: boolean;
}

/** Returns which names can stand in the braces at an offset of a text; null where there are none. */
export function placeholderAt(text: string, offset: number): Placeholder | null {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const word = OPEN.exec(line)?.[1];
  if (word === undefined) return null;
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' });
  const keys = MAPS.flatMap((path) => {
    const map = document.getIn(path, true);
    return isMap(map) ? map.items.map(({ key }) => (isScalar(key) ? String(key.value) : '')) : [];
  });
  const hptuning = document.get('hptuning', true);
  const resources = isMap(hptuning)
    ? hptuning.items.flatMap(({ value }) =>
        isMap(value) ? [value.getIn(['resource', 'name'])] : [],
      )
    : [];
  const names = [...keys, ...resources].filter((name) => typeof name === 'string' && name !== '');
  const isClosed = /^\w*\s*\}\}/.test(text.slice(offset));
  return { word, names: [...new Set(names)].map(String), isClosed };
}
