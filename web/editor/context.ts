import type { Open } from './flow.ts';
import { keyIn, openAfter, wayInto } from './flow.ts';

/*
 * Where in a polyaxonfile the cursor is. What is being typed is seldom a whole document, so that this goes by indentation,
 * line by line, and not by a parser.
 */

/** Where the cursor is. */
export interface Context {
  /** Keys and places in lists from the top of the document: `['hptuning', 'early_stopping', '0']`. */
  readonly path: readonly string[];
  /** What can stand there: something below the path, such as a key; or the value of its last key. */
  readonly kind: 'below' | 'value';
  /** What of it has been typed, up to the cursor. */
  readonly word: string;
  /** Keys beside it that are there already. */
  readonly present: readonly string[];
  /** Blanks before a line below a key that stands here, beyond those of this line; null where all has to stay on the line. */
  readonly extraIndent: number | null;
}

/** A line's parts. */
interface Line {
  /** Columns of the dashes that begin items of lists, 0-based. */
  readonly dashes: readonly number[];
  /** Column of what follows the dashes. */
  readonly column: number;
  readonly content: string;
}

/** A key or an item of a list that following lines can belong to. */
interface Frame {
  readonly column: number;
  /** The key, or the item's place in its list. */
  readonly name: string;
  readonly isItem: boolean;
  /** What stands behind the key on its line. */
  readonly value: string;
}

/** What is still open after some lines. */
interface Reading {
  readonly frames: readonly Frame[];
  readonly open: readonly Open[];
}

function readLine(text: string): Line {
  const lead = /^\s*(?:-(?:\s+|$))*/.exec(text)?.[0] ?? '';
  const dashes = [...lead].flatMap((character, at) => (character === '-' ? [at] : []));
  return { dashes, column: lead.length, content: text.slice(lead.length) };
}

const firstColumn = ({ dashes: [dash], column }: Line): number => dash ?? column;

const isEmpty = ({ dashes, content }: Line): boolean =>
  (content === '' && dashes.length === 0) || /^(?:#|---|\.\.\.)/.test(content);

/** What follows the key of a line, or an item's dash, without anchor, tag and comment. */
const valueIn = (content: string): string =>
  (keyIn(content) === null ? content : content.slice(content.indexOf(':') + 1))
    .trimStart()
    .replace(/^(?:[&!]\S+\s*)+/, '')
    .replace(/(?:^|\s)#.*$/, '');

const isInline = (value: string): boolean => /^[[{]/.test(value);

/** True where the line goes on with a value that began in an earlier one. */
const goesOn = (frames: readonly Frame[], line: Line): boolean => {
  const top = frames.at(-1);
  return top !== undefined && top.value !== '' && firstColumn(line) > top.column;
};

/** Closes what a key at a column ends. */
const above = (frames: readonly Frame[], column: number): readonly Frame[] =>
  frames.filter((frame) => frame.column < column);

/** Opens the item that a dash begins; a list may stand in the column of its key. */
function withItem(frames: readonly Frame[], dash: number): readonly Frame[] {
  const before = frames.find(({ column, isItem }) => isItem && column === dash);
  const kept = frames.filter(({ column, isItem }) => column < dash || (column === dash && !isItem));
  const name = before === undefined ? '0' : `${Number(before.name) + 1}`;
  return [...kept, { column: dash, name, isItem: true, value: '' }];
}

function opened(frames: readonly Frame[], { dashes, column, content }: Line): readonly Frame[] {
  const inItems = dashes.reduce(withItem, frames);
  const name = keyIn(content);
  if (name === null) return inItems;
  return [...above(inItems, column), { column, name, isItem: false, value: valueIn(content) }];
}

function readOn({ frames, open }: Reading, text: string): Reading {
  if (open.length > 0) return { frames, open: openAfter(`\n${text}`, open) };
  const line = readLine(text);
  if (isEmpty(line) || goesOn(frames, line)) return { frames, open };
  const value = valueIn(line.content);
  return { frames: opened(frames, line), open: isInline(value) ? openAfter(value, []) : [] };
}

const namesOf = (frames: readonly Frame[]): readonly string[] => frames.map(({ name }) => name);

/** Where the cursor is inside brackets and braces. */
function inlineContext(frames: readonly Frame[], open: readonly Open[]): Context | null {
  const top = open.at(-1);
  if (top === undefined) return null;
  const way = [...namesOf(frames), ...wayInto(open)];
  const common = { present: top.keys, extraIndent: null };
  const key = top.kind === 'map' ? keyIn(top.tail) : null;
  if (key === null) {
    const path = top.kind === 'list' ? [...way, `${top.count}`] : way;
    return { ...common, path, kind: 'below', word: top.tail.trimStart() };
  }
  const value = top.tail.slice(top.tail.indexOf(':') + 1);
  return value === ''
    ? null
    : { ...common, path: [...way, key], kind: 'value', word: value.trimStart() };
}

/** Keys in the lines of the same map, going one way from a line until the map ends. */
function keysAlong(lines: readonly string[], column: number, way: 'up' | 'down'): string[] {
  const keys: string[] = [];
  for (const line of lines.map(readLine)) {
    if (isEmpty(line)) continue;
    const isFirst = line.dashes.length > 0;
    if (line.column < column || (way === 'down' && firstColumn(line) < column)) break;
    const key = line.column === column ? keyIn(line.content) : null;
    if (key !== null) keys.push(key);
    if (isFirst && firstColumn(line) < column) break;
  }
  return keys;
}

/** Returns where the cursor is; null where nothing can be offered, such as in a comment or in a text of several lines. */
export function contextAt(text: string, offset: number): Context | null {
  const before = text.slice(0, offset).split('\n');
  const typed = before.pop() ?? '';
  const { frames, open } = before.reduce(readOn, { frames: [], open: [] });
  if (/(?:^|\s)#/.test(typed.replaceAll(/"[^"]*"|'[^']*'/g, ''))) return null;
  if (open.length > 0) return inlineContext(frames, openAfter(`\n${typed}`, open));

  const line = readLine(typed);
  if (goesOn(frames, line)) return null;
  const here = opened(frames, line);
  const value = valueIn(line.content);
  if (isInline(value)) return inlineContext(here, openAfter(value, []));
  if (keyIn(line.content) !== null) {
    const isSeparated = !line.content.endsWith(':');
    const path = namesOf(here);
    return isSeparated
      ? { path, kind: 'value', word: value, present: [], extraIndent: null }
      : null;
  }
  const after = text.slice(offset).split('\n').slice(1);
  const up = line.dashes.length > 0 ? [] : keysAlong(before.toReversed(), line.column, 'up');
  const present = [...up, ...keysAlong(after, line.column, 'down')];
  const indent = typed.length - typed.trimStart().length;
  return {
    path: namesOf(above(here, line.column)),
    kind: 'below',
    word: line.content,
    present,
    extraIndent: line.column - indent,
  };
}
