import * as z from 'zod';
import type { Mistake } from '../domain/problem.ts';
import { isMap, readNumber } from '../matrix/numbers.ts';
import { clip, orList, show } from '../matrix/words.ts';
import { nearest } from './nearest.ts';
import { grouped } from './words.ts';

/*
 * What every field of a document is made of: zod schemas with messages of our own. Their return types are inferred,
 * for written out they would only repeat the schema.
 */

/**
 * Unknown keys of one map that are looked at one by one; a body of nothing else would take seconds.
 */
const UNKNOWN_KEYS_MAX = 1_000;

type Refused = Pick<z.core.$ZodRawIssue, 'input'>;

/**
 * What zod calls an issue becomes one sentence of ours: what it is, what it must be, how to get
 * there.
 */
const must = (rule: string, hint: (input: unknown) => string = () => '') => ({
  error: ({ input }: Refused): string => {
    const is = input === undefined || input === null ? 'missing' : show(input);
    return `It is ${is}: it must be ${rule}.${hint(input)}`;
  },
});

const unquote = (input: unknown): string =>
  typeof input === 'string' && readNumber(input) !== null ? ' Write it without quotes.' : '';

const quote = (input: unknown): string =>
  typeof input === 'number' || typeof input === 'boolean' ? ' Put it in quotes.' : '';

/** Zero has no sign on the wire. */
const unsigned = (value: number): number => value + 0;

/** An integer between two bounds, both included. 2.0 is 2, "2" is not. */
export function integer(min: number, max: number) {
  const rule = must(`an integer from ${grouped(min)} to ${grouped(max)}`, unquote);
  return z.int(rule).min(min, rule).max(max, rule).overwrite(unsigned);
}

/** A finite number. */
export const number = () => z.number(must('a finite number', unquote)).overwrite(unsigned);

/** A finite number from `min` on. */
export function numberFrom(min: number) {
  const rule = must(`a finite number from ${min}`, unquote);
  return z.number(rule).min(min, rule).overwrite(unsigned);
}

/** A finite number above zero. */
export function positive() {
  const rule = must('a finite number above 0', unquote);
  return z.number(rule).positive(rule);
}

/** True or false. */
export const flag = () => z.boolean(must('true or false'));

/** A string of `min` to `max` characters. */
export function text(min: number, max: number) {
  const rule = must(
    min > 0
      ? `a string of ${min} to ${grouped(max)} characters`
      : `a string of at most ${grouped(max)} characters`,
    quote,
  );
  return z.string(rule).min(min, rule).max(max, rule);
}

/** A string that a pattern describes, with the rule in words. */
export function textLike(pattern: RegExp, rule: string) {
  const refusal = must(rule, quote);
  return z.string(refusal).regex(pattern, refusal);
}

/** One of a few words, as they are, in capitals or capitalised. */
export function word<const W extends readonly [string, ...string[]]>(words: W) {
  const forms = new Map<unknown, string>(
    words.flatMap((known) => [
      [known.toUpperCase(), known],
      [known.slice(0, 1).toUpperCase() + known.slice(1), known],
    ]),
  );
  return z.preprocess((raw) => forms.get(raw) ?? raw, z.enum(words, must(orList(words))));
}

/** Exactly this number. */
export const exactly = <N extends number>(value: N) => z.literal(value, must(String(value)));

/** A list of at most `max` items. */
export function list<S extends z.ZodType>(item: S, max: number) {
  const rule = must(`a list of at most ${grouped(max)} items`);
  return z.array(item, rule).max(max, rule);
}

/**
 * A map of known keys. For unknown ones the issue's message is the list of the known, which
 * `readFields` spells out.
 */
export function map<const S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape).join(' ');
  const { error } = must('a map');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : error(issue)),
  });
}

/** A field that may be left out or null, which both mean the fallback. */
export const optional = <S extends z.ZodType, const D>(schema: S, fallback: D) =>
  schema.nullish().transform((value) => value ?? fallback);

/**
 * Returns the path of a place below another: `hptuning` and `early_stopping`, 0 make
 * `hptuning.early_stopping[0]`.
 */
export const pathOf = (base: string, ...keys: readonly PropertyKey[]): string =>
  keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    const word = clip(String(key));
    return path === '' ? word : `${path}.${word}`;
  }, base);

/** Returns the fields of a map in their normal form, or null and every mistake, with its path. */
export function readFields<S extends z.ZodType>(
  schema: S,
  raw: unknown,
  path: string,
): { readonly value: z.output<S> | null; readonly mistakes: readonly Mistake[] } {
  const read = schema.safeParse(raw, { reportInput: true });
  if (read.success) return { value: read.data, mistakes: [] };
  const mistakes = new Map<string, Mistake>();
  for (const mistake of read.error.issues.flatMap((issue) => mistakesOf(issue, path))) {
    // A value that breaks two rules is one mistake.
    if (!mistakes.has(mistake.path)) mistakes.set(mistake.path, mistake);
  }
  return { value: null, mistakes: [...mistakes.values()] };
}

function mistakesOf(issue: z.core.$ZodIssue, base: string): readonly Mistake[] {
  const path = pathOf(base, ...issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ').filter((key) => key !== '');
    return issue.keys.slice(0, UNKNOWN_KEYS_MAX).map((key) => unknownKey(path, key, known));
  }
  const { message } = issue;
  const words = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const meant = typeof issue.input === 'string' ? nearest(issue.input, words) : undefined;
  return [{ path, message, ...(meant !== undefined && { suggestion: meant }) }];
}

/** Returns the mistake of a key that nobody knows in a map. */
function unknownKey(path: string, key: string, known: readonly string[]): Mistake {
  const meant = nearest(key, known);
  const question = meant === undefined ? '.' : `; did you mean "${meant}"?`;
  const allowed =
    known.length === 0 ? 'Nothing is allowed here' : `Allowed here: ${known.join(', ')}`;
  return {
    path: pathOf(path, key),
    message: `Unknown key "${clip(key)}"${question} ${allowed}.`,
    ...(meant !== undefined && { suggestion: meant }),
  };
}

/** Returns what stands under a key, or undefined where there is no such map or key. */
export const under = (raw: unknown, key: string): unknown =>
  isMap(raw) && Object.hasOwn(raw, key) ? raw[key] : undefined;
