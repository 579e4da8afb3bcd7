import type { ParsedNode } from 'yaml';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/*
 * Where in the text a mistake is: its dotted path, such as `hptuning.matrix.lr.range[0]`, becomes a stretch of characters.
 */

/** A stretch of a text, in UTF-16 units from its beginning; `to` is not part of it. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** What a path leads to. */
export interface Found extends Place {
  /** Each word there that may have been mistyped: the key, and a value of one word. */
  readonly words: readonly Place[];
}

/** Longer keys are cut in a path, with an ellipsis. */
const CUT = '…';

/** Returns the first line of a place, without the blanks at its end: a mark over many lines says nothing. */
function firstLine(text: string, { from, to }: Place): Place {
  const stretch = text.slice(from, to);
  const [line = ''] = stretch.split(/\r?\n/, 1);
  return { from, to: from + line.trimEnd().length };
}

/** Returns the place of a node, where it begins and ends in the text. */
const placeOf = ({ range: [from, to] }: ParsedNode): Place => ({ from, to });

/** Returns what is left of a path behind a key, or null where it does not begin with the key. */
function behindKey(path: string, key: string): string | null {
  const isCut = path.includes(CUT) && key.startsWith(path.slice(0, path.indexOf(CUT)));
  const length = isCut ? path.indexOf(CUT) + CUT.length : key.length;
  if (!isCut && !path.startsWith(key)) return null;
  const rest = path.slice(length);
  if (rest === '' || rest.startsWith('[')) return rest;
  return rest.startsWith('.') ? rest.slice(1) : null;
}

const wordIn = (value: ParsedNode | null): readonly Place[] =>
  isScalar(value) && /^\S+$/.test(value.source ?? '') ? [placeOf(value)] : [];

/** A step of the way: what stands there, and what is left of the path. */
interface Step {
  readonly place: Found;
  readonly value: ParsedNode | null;
  readonly rest: string;
}

function intoMap(text: string, node: ParsedNode, path: string): Step | null {
  if (!isMap<ParsedNode, ParsedNode | null>(node)) return null;
  let found: Step | null = null;
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const rest = behindKey(path, name);
    // A key can hold dots itself: of two that fit, the longer one is meant.
    if (rest === null || (found !== null && rest.length >= found.rest.length)) continue;
    const own = placeOf(key);
    const end = value === null ? own.to : placeOf(value).to;
    const isOneLine = !text.slice(own.from, end).includes('\n');
    const words = [own, ...wordIn(value)];
    found = { place: { from: own.from, to: isOneLine ? end : own.to, words }, value, rest };
  }
  return found;
}

function intoList(node: ParsedNode, path: string): Step | null {
  const [segment, index] = /^\[(\d+)\]\.?/.exec(path) ?? [];
  if (segment === undefined || !isSeq<ParsedNode>(node)) return null;
  const item = node.items[Number(index)];
  if (item === undefined) return null;
  const place = { ...placeOf(item), words: wordIn(item) };
  return { place, value: item, rest: path.slice(segment.length) };
}

/** The first line with anything on it: where something is said about the whole document. */
function beginning(text: string): Place {
  const from = Math.max(text.search(/^(?!---|#)\s*\S/m), 0);
  return firstLine(text, { from, to: text.length });
}

/**
 * Returns what finds the place of a path in a text. Where the path goes on beyond what is there, such as to a key that
 * is missing, it is the last thing on the way; for the whole document its first line.
 *
 * *Cost* O(characters) once, then O(keys on the way) each.
 */
export function createFinder(text: string): (path: string) => Found {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: false, logLevel: 'silent' });
  return (path) => {
    let place: Found | null = null;
    let node: ParsedNode | null = document.contents;
    let rest = path;
    while (node !== null && rest !== '') {
      const step: Step | null = intoMap(text, node, rest) ?? intoList(node, rest);
      if (step === null) break;
      ({ place, value: node, rest } = step);
    }
    return place === null
      ? { ...beginning(text), words: [] }
      : { ...place, ...firstLine(text, place) };
  };
}

/** Returns the place of a line and column, both counted from 1: the rest of that line, at least one character of it. */
export function placeAt(text: string, line: number, column: number): Place {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  const from = Math.min(before + column - 1, text.length);
  const { to } = firstLine(text, { from, to: text.length });
  // At the end of the text nothing follows: the last character is marked.
  return to > from ? { from, to } : { from: Math.max(from - 1, 0), to: from };
}

/** Returns the line and column of an offset, both counted from 1. */
export function lineAndColumn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
