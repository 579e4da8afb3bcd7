import type { CST, Document, Pair, ParsedNode, Scalar } from 'yaml';
import { Composer, isAlias, isScalar, isSeq, Lexer, LineCounter, Parser } from 'yaml';
import { LIMITS } from '../domain/limits.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Json } from '../domain/values.ts';
import { clip } from '../matrix/words.ts';
import { grouped, shortened } from './words.ts';

/** Why a text is not one well-formed YAML document, and where. */
export interface YamlMistake {
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

/**
 * Scalars, indicators, blanks and line breaks of one text. A text of `LIMITS.bodyBytes` that a
 * person or a program writes has far fewer; one of brackets alone has more, and would take a second
 * to parse.
 */
const LEXEMES_MAX = 120_000;

/**
 * Values and characters of strings after the expansion of aliases: as much as a text without any
 * could hold.
 */
const SIZE_MAX = LIMITS.bodyBytes;

/** Tokens that the parser keeps open besides collections: the document, a key, a scalar. */
const STACK_SLACK = 4;

const MESSAGE_CHARACTERS_MAX = 300;

const TOO_DEEP = `deeper than ${LIMITS.documentDepth} levels; nest less`;

/** The shell commands of a polyaxonfile: where a backslash before a line break continues a line. */
const COMMAND_PATHS = /^(?:run\.cmd|build\.build_steps\.\d+)$/;

/** Ends the reading of a text at its first mistake; never leaves this file. */
class Refusal extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

type ComposedPair = Pair<ParsedNode, ParsedNode | null>;

interface Reading {
  readonly text: string;
  /** The node that an alias of that name stands for from here on. */
  readonly anchors: Map<string, ParsedNode>;
  /** What an alias stood for where it was written: its anchor may be given again further down. */
  readonly targets: Map<ParsedNode, ParsedNode>;
  /** Collections around the node that is read. */
  readonly open: Set<ParsedNode>;
  /** Aliases around the node that is read. */
  expanding: number;
  aliases: number;
  size: number;
}

/**
 * Returns the value of a text that is exactly one YAML 1.2 document with the core schema: dates
 * stay strings, `.nan` and `.inf` are numbers. Refused: duplicate or unreadable keys, `__proto__`,
 * merge keys, tags beyond the core schema, more than `LIMITS.yamlAliases` expanded aliases, depth
 * over `LIMITS.documentDepth`.
 *
 * Folding would turn the line break after a backslash into a blank, and `\ ` means something else
 * to a shell: in `run.cmd` and `build.build_steps` such a line break is kept.
 *
 * *Cost* O(characters), bounded for hostile texts too.
 */
export function parseYaml(text: string): Result<Json, YamlMistake> {
  const lines = new LineCounter();
  try {
    return ok(readText(text, lines));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { line, col } = lines.linePos(error.offset);
    const message = shortened(error.message, MESSAGE_CHARACTERS_MAX);
    return err({ message, line: Math.max(line, 1), column: Math.max(col, 1) });
  }
}

function readText(text: string, lines: LineCounter): Json {
  for (const composed of composer().compose(readTokens(text, lines), true, text.length)) {
    refuseOldVersion(composed);
    return readNode(composed.contents, '', {
      text,
      anchors: new Map(),
      targets: new Map(),
      open: new Set(),
      expanding: 0,
      aliases: 0,
      size: 0,
    });
  }
  return null;
}

/** A composer that stops at the first error: collecting 10^5 of them would take seconds. */
function composer(): Composer {
  const composing = new Composer({
    version: '1.2',
    merge: false,
    resolveKnownTags: false,
    // The library compares every key with every other; `readMap` does it with a set.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  // The library catches what is thrown inside a collection and reports it again for the collection.
  let first: Refusal | undefined;
  const refuse = (source: ErrorSource, _code: string, message: string): never => {
    first ??= new Refusal(startOf(source), message);
    throw first;
  };
  Object.defineProperty(composing, 'onError', { value: refuse });
  return composing;
}

type ErrorSource = number | readonly number[] | { readonly offset: number };

function startOf(source: ErrorSource): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : (source[0] ?? 0);
}

function* readTokens(text: string, lines: LineCounter): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  let documents = 0;
  const check = (token: CST.Token): CST.Token => {
    if (token.type === 'error') throw new Refusal(token.offset, token.message);
    if (token.type === 'document' && ++documents > 1) {
      throw new Refusal(token.offset, 'a second document begins here; send one document');
    }
    return token;
  };
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > LEXEMES_MAX) {
      throw new Refusal(parser.offset, `more than ${grouped(LEXEMES_MAX)} tokens; send less`);
    }
    for (const token of parser.next(lexeme)) yield check(token);
    if (parser.stack.length > LIMITS.documentDepth + STACK_SLACK) {
      throw new Refusal(parser.offset, TOO_DEEP);
    }
  }
  for (const token of parser.end()) yield check(token);
}

function refuseOldVersion(composed: Document.Parsed): void {
  const { version } = composed.directives.yaml;
  if (version !== '1.2') throw new Refusal(0, `YAML ${version} is not read; write YAML 1.2`);
}

function readNode(node: ParsedNode | null, path: string, reading: Reading): Json {
  if (node === null) return null;
  reading.size += isScalar(node) && typeof node.value === 'string' ? node.value.length : 1;
  if (reading.size > SIZE_MAX) {
    const message = `more than ${grouped(SIZE_MAX)} values and characters, aliases written out; send less`;
    throw new Refusal(offsetOf(node), message);
  }
  if (isAlias(node)) return readAlias(node, path, reading);
  if (node.anchor !== undefined && reading.expanding === 0) reading.anchors.set(node.anchor, node);
  if (isScalar(node)) return readScalar(node, path, reading.text);
  if (reading.open.size >= LIMITS.documentDepth) throw new Refusal(offsetOf(node), TOO_DEEP);
  reading.open.add(node);
  const value = isSeq(node)
    ? node.items.map((item, index) => readNode(item, `${path}.${index}`, reading))
    : readMap(node.items, path, reading);
  reading.open.delete(node);
  return value;
}

function readAlias(alias: ParsedNode & { source: string }, path: string, reading: Reading): Json {
  const name = clip(alias.source);
  const target = reading.targets.get(alias) ?? reading.anchors.get(alias.source);
  if (target === undefined) throw new Refusal(offsetOf(alias), `no anchor &${name} before this`);
  if (reading.open.has(target)) {
    throw new Refusal(offsetOf(alias), `*${name} stands inside its own anchor`);
  }
  reading.aliases += 1;
  if (reading.aliases > LIMITS.yamlAliases) {
    throw new Refusal(
      offsetOf(alias),
      `more than ${LIMITS.yamlAliases} aliases, those inside aliases counted; write the values out`,
    );
  }
  reading.targets.set(alias, target);
  reading.expanding += 1;
  const value = readNode(target, path, reading);
  reading.expanding -= 1;
  return value;
}

function readMap(pairs: readonly ComposedPair[], path: string, reading: Reading): Json {
  const map: Record<string, Json> = {};
  for (const { key, value } of pairs) {
    const name = readKey(key);
    reading.size += name.length;
    if (Object.hasOwn(map, name)) {
      throw new Refusal(offsetOf(key), `the key "${clip(name)}" stands twice in this map`);
    }
    map[name] = readNode(value, `${path}${path === '' ? '' : '.'}${name}`, reading);
  }
  return map;
}

function readKey(key: ParsedNode): string {
  if (isAlias(key) || !isScalar(key) || key.value === null) {
    throw new Refusal(offsetOf(key), 'a key must be a plain word or a string');
  }
  const name = typeof key.value === 'string' ? key.value : key.source;
  if (name === '<<' && key.type === 'PLAIN') {
    throw new Refusal(offsetOf(key), 'merge keys (<<) are not read; write the keys out');
  }
  if (name === '__proto__') throw new Refusal(offsetOf(key), '"__proto__" is not allowed as a key');
  return name;
}

function readScalar(scalar: Scalar.Parsed, path: string, text: string): Json {
  const { value } = scalar;
  if (typeof value === 'string') {
    return value.includes('\\') && COMMAND_PATHS.test(path)
      ? keepContinuations(value, scalar, text)
      : value;
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new Refusal(offsetOf(scalar), 'neither a string, a number, true, false nor null');
}

/**
 * Returns a folded scalar in which the line break after an unescaped backslash is a line break
 * again. Folding neither adds nor removes backslashes, so the runs of them in the source and in the
 * value correspond one to one. In double quotes a backslash is YAML's own, and a literal block
 * folds nothing.
 */
function keepContinuations(value: string, scalar: Scalar.Parsed, text: string): string {
  if (scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'BLOCK_LITERAL') return value;
  const source = text.slice(scalar.range[0], scalar.range[1]);
  const body = scalar.type === 'BLOCK_FOLDED' ? source.slice(source.indexOf('\n')) : source;
  const continues = Array.from(
    body.matchAll(/(\\+)([ \t]*\r?\n)?/g),
    ([, run = '', lineBreak]) => run.length % 2 === 1 && lineBreak !== undefined,
  );
  let index = 0;
  return value.replace(/(\\+)([ \t]*\n|[ \t]+)?/g, (all: string, run: string, rest?: string) =>
    continues[index++] === true && rest !== undefined ? `${run}\n` : all,
  );
}

const offsetOf = (node: ParsedNode): number => node.range[0];
