import { parse } from '@huggingface/jinja';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Scalar } from '../domain/values.ts';
import { isMap } from '../matrix/numbers.ts';
import { clip } from '../matrix/words.ts';
import { FILTERS } from './filters.ts';
import { nearest } from './nearest.ts';

/** A filter with its arguments. */
export interface Step {
  readonly filter: string;
  readonly args: readonly Scalar[];
}

/** A place in a command where the value of a name goes, through filters. */
export interface Placeholder {
  readonly name: string;
  readonly steps: readonly Step[];
}

type Token = Parameters<typeof parse>[0][number];
type TokenType = Token['type'];

/** What stands between two braces, or what is wrong there, and where the source goes on. */
export interface PlaceholderReading {
  readonly placeholder: Result<Placeholder, string>;
  /** The index after the closing braces, or the length of the source where there are none. */
  readonly end: number;
}

/** More is nothing that the three legal forms need, and bounds the parser's recursion. */
const TOKENS_MAX = 64;

const OPENING: Token = { value: '{{', type: 'OpenExpression' };

/** The longest match first, each alternative linear in what it matches. */
const LEXEMES = new RegExp(
  [
    '(?<blank>\\s+)',
    `(?<string>"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')`,
    '(?<number>\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)',
    '(?<name>[A-Za-z_][A-Za-z0-9_.-]*)',
    '(?<mark>\\}\\}|\\*\\*|\\/\\/|[<>=!]=|.)',
  ].join('|'),
  'suy',
);

const MARKS: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ['}}', 'CloseExpression'],
  ['(', 'OpenParen'],
  [')', 'CloseParen'],
  ['[', 'OpenSquareBracket'],
  [']', 'CloseSquareBracket'],
  ['{', 'OpenCurlyBracket'],
  ['}', 'CloseCurlyBracket'],
  [',', 'Comma'],
  ['.', 'Dot'],
  [':', 'Colon'],
  ['|', 'Pipe'],
  ['=', 'Equals'],
  ['+', 'AdditiveBinaryOperator'],
  ['-', 'AdditiveBinaryOperator'],
  ['~', 'AdditiveBinaryOperator'],
  ['*', 'MultiplicativeBinaryOperator'],
  ['/', 'MultiplicativeBinaryOperator'],
  ['//', 'MultiplicativeBinaryOperator'],
  ['%', 'MultiplicativeBinaryOperator'],
  ['**', 'ExponentiationBinaryOperator'],
  ['<', 'ComparisonBinaryOperator'],
  ['>', 'ComparisonBinaryOperator'],
  ['<=', 'ComparisonBinaryOperator'],
  ['>=', 'ComparisonBinaryOperator'],
  ['==', 'ComparisonBinaryOperator'],
  ['!=', 'ComparisonBinaryOperator'],
]);

/** What the syntax tree calls the things that are not allowed, in the words of a message. */
const PIECES: ReadonlyMap<string, string> = new Map([
  ['CallExpression', 'a call'],
  ['MemberExpression', 'an attribute or a subscript'],
  ['BinaryExpression', 'an operator'],
  ['UnaryExpression', 'an operator'],
  ['TestExpression', 'a test'],
  ['Ternary', 'a condition'],
  ['SelectExpression', 'a condition'],
  ['ArrayLiteral', 'a list'],
  ['ObjectLiteral', 'a map'],
  ['TupleLiteral', 'a tuple'],
  ['StringLiteral', 'a string'],
  ['IntegerLiteral', 'a number'],
  ['FloatLiteral', 'a number'],
  ['FilterExpression', 'a filter'],
  ['Identifier', 'a name'],
  ['KeywordArgumentExpression', 'a named argument'],
  ['SpreadExpression', 'an unpacked argument'],
  ['KeywordSpreadExpression', 'an unpacked argument'],
]);

const WORDS: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
]);

/**
 * Returns the placeholder whose opening braces end before `start`: a name, and filters with
 * literals.
 *
 * Names may have dots and dashes, which Jinja reads as attributes and operators. Therefore the
 * tokens are made here, with every name as one, and Jinja's parser is given those. Nothing is ever
 * evaluated: from the syntax tree are taken a name, filters of our own and literals, and anything
 * else is refused by what the tree calls it.
 *
 * *Cost* O(characters up to the closing braces).
 */
export function readPlaceholder(source: string, start: number): PlaceholderReading {
  const { tokens, end } = readTokens(source, start);
  if (tokens.ok) {
    const tree = readTree(tokens.value);
    return { placeholder: tree.ok ? readChain(tree.value) : tree, end };
  }
  const closing = source.indexOf('}}', end);
  return { placeholder: tokens, end: closing === -1 ? source.length : closing + 2 };
}

function readTokens(
  source: string,
  start: number,
): { readonly tokens: Result<readonly Token[], string>; readonly end: number } {
  const lexemes = new RegExp(LEXEMES);
  lexemes.lastIndex = start;
  const tokens: Token[] = [OPENING];
  while (tokens.length <= TOKENS_MAX) {
    const lexeme = lexemes.exec(source);
    if (lexeme === null) return { tokens: err('the closing }} is missing'), end: source.length };
    const token = readToken(lexeme.groups ?? {}, tokens.at(-1));
    if (!token.ok) return { tokens: token, end: lexemes.lastIndex };
    if (token.value === null) continue;
    tokens.push(token.value);
    if (token.value.type === 'CloseExpression') {
      return { tokens: ok(tokens), end: lexemes.lastIndex };
    }
  }
  return {
    tokens: err('too much stands between {{ and }}, or the }} is missing'),
    end: lexemes.lastIndex,
  };
}

type Lexeme = Readonly<Partial<Record<string, string>>>;

/**
 * Returns the token of a lexeme, null for blanks, or what is wrong with it after the token before.
 */
function readToken(lexeme: Lexeme, before: Token | undefined): Result<Token | null, string> {
  const { string, number, name, mark } = lexeme;
  if (name !== undefined) return ok({ value: name, type: 'Identifier' });
  const literal = string ?? number;
  if (literal !== undefined) {
    // Jinja's parser would take these for two arguments, or join two strings.
    if (before?.type === 'StringLiteral' || before?.type === 'NumericLiteral') {
      return err(`${clip(before.value)} and ${clip(literal)} stand side by side`);
    }
    return ok(
      number === undefined
        ? { value: unescaped(literal.slice(1, -1)), type: 'StringLiteral' }
        : { value: number, type: 'NumericLiteral' },
    );
  }
  if (mark === undefined) return ok(null);
  const type = MARKS.get(mark);
  if (type === undefined) return err(`${clip(mark)} is not allowed`);
  // Jinja's tree does not show parentheses around an expression, only those of a call.
  const isCall = before?.type === 'Identifier' || before?.type === 'CloseParen';
  if (type === 'OpenParen' && !isCall) {
    return err('parentheses are allowed only around the arguments of a filter');
  }
  return ok({ value: mark, type });
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
]);

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (all, character: string) => ESCAPES.get(character) ?? all);

/** A node of the syntax tree; its fields depend on its type. */
type Node = Readonly<Record<string, unknown>>;

const isNode = (node: unknown, type: string): node is Node => isMap(node) && node['type'] === type;

const notAllowed = (node: unknown): string => {
  const type = isMap(node) ? String(node['type']) : '';
  return `${PIECES.get(type) ?? 'this'} is not allowed`;
};

function readTree(tokens: readonly Token[]): Result<unknown, string> {
  try {
    return ok(parse([...tokens]).body[0]);
  } catch {
    // The parser throws errors of several classes, with messages about tokens.
    return err('this is no expression');
  }
}

/** Takes filters off the outside of the tree until the name is left. */
function readChain(tree: unknown): Result<Placeholder, string> {
  const steps: Step[] = [];
  let node = tree;
  while (isNode(node, 'FilterExpression')) {
    const step = readStep(node['filter']);
    if (!step.ok) return step;
    steps.unshift(step.value);
    node = node['operand'];
  }
  if (!isNode(node, 'Identifier')) return err(notAllowed(node));
  return ok({ name: String(node['value']), steps });
}

function readStep(filter: unknown): Result<Step, string> {
  const isCall = isNode(filter, 'CallExpression');
  const callee = isCall ? filter['callee'] : filter;
  if (!isNode(callee, 'Identifier')) return err(notAllowed(callee));
  const name = String(callee['value']);
  const known = FILTERS.get(name);
  if (known === undefined) return err(unknownFilter(name));
  const args: Scalar[] = [];
  for (const node of isCall && Array.isArray(filter['args']) ? filter['args'] : []) {
    const literal = readLiteral(node);
    if (literal === null) return err(`${notAllowed(node)} as an argument, only literals are`);
    args.push(literal);
  }
  return known.accepts(args)
    ? ok({ filter: name, args })
    : err(`the filter ${name} has other arguments than these: write ${known.usage}`);
}

function unknownFilter(name: string): string {
  const meant = nearest(name, FILTERS.keys());
  const question = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `there is no filter ${clip(name)}${question} (filters: ${[...FILTERS.keys()].join(', ')})`;
}

/** Returns the value of a literal, or null for anything else. */
function readLiteral(node: unknown): Scalar | null {
  if (isNode(node, 'StringLiteral')) return String(node['value']);
  if (isNode(node, 'Identifier')) return WORDS.get(node['value']) ?? null;
  const isSigned = isNode(node, 'UnaryExpression');
  const unsigned = isSigned ? node['argument'] : node;
  if (!isNode(unsigned, 'IntegerLiteral') && !isNode(unsigned, 'FloatLiteral')) return null;
  const isNegative = isSigned && isMap(node['operator']) && node['operator']['value'] === '-';
  const number = Number(unsigned['value']);
  if (!Number.isFinite(number)) return null;
  return isNegative ? 0 - number : number;
}
