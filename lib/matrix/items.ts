import type { MatrixOption } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Scalar, Value } from '../domain/values.ts';
import { isMap, readNumber } from './numbers.ts';
import type { Place } from './place.ts';
import { show } from './words.ts';

/**
 * Wrong items of one list that are named each; the rest is counted, so that an answer stays
 * readable.
 */
const NAMED_MISTAKES = 100;

/**
 * How far a sum of probabilities may lie above 1, and below 1 without a warning: written thirds do
 * not add up.
 */
const SUM_TOLERANCE = 1e-9;

/** Returns the option `values`, or null after noting what is wrong. */
export function readValues(sent: unknown, place: Place): MatrixOption | null {
  const values = readList(sent, place, '[0.1, 0.2]', readValue);
  return values && { kind: 'values', values };
}

/** Returns the option `pvalues`, or null after noting what is wrong. */
export function readPvalues(sent: unknown, place: Place): MatrixOption | null {
  const pairs = readList(sent, place, '[[relu, 0.7], [elu, 0.3]]', readPair);
  if (pairs === null) return null;
  const probabilities = pairs.map(({ probability }) => probability);
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  // The sum as it reads, without the noise of adding.
  const shownSum = String(Number(sum.toPrecision(10)));
  if (sum > 1 + SUM_TOLERANCE) {
    place.mistake(
      `The probabilities add up to ${shownSum}: their sum may be 1 at most. Make them smaller.`,
    );
    return null;
  }
  if (sum === 0) {
    place.mistake('Every probability is 0: at least one must be above 0.');
    return null;
  }
  if (sum < 1 - SUM_TOLERANCE) {
    place.warn(
      'pvalues_sum',
      `The probabilities add up to ${shownSum}, not to 1, and are divided by their sum: ${showShares(pairs, sum)}. Write probabilities that add up to 1 if you mean others.`,
    );
  }
  return { kind: 'pvalues', values: pairs.map(({ value }) => value), probabilities };
}

interface Pair {
  readonly value: Value;
  readonly probability: number;
}

const SHOWN_SHARES = 5;

function showShares(pairs: readonly Pair[], sum: number): string {
  const shares = pairs
    .slice(0, SHOWN_SHARES)
    .map(({ value, probability }) => `${show(value)} ${(probability / sum).toPrecision(4)}`);
  return [...shares, ...(pairs.length > SHOWN_SHARES ? ['…'] : [])].join(', ');
}

/**
 * Reads every item of a list, or returns null after noting what is wrong with the list or any of
 * them.
 */
function readList<T>(
  sent: unknown,
  place: Place,
  example: string,
  readItem: (item: unknown, place: Place) => T | null,
): T[] | null {
  if (!Array.isArray(sent)) {
    place.mistake(`It is ${show(sent)}: it must be a list, as in ${example}.`);
    return null;
  }
  const items: readonly unknown[] = sent;
  if (items.length === 0) {
    place.mistake(`The list is empty: it must have at least one item, as in ${example}.`);
    return null;
  }
  if (items.length > LIMITS.listedValues) {
    place.mistake(
      `The list has ${items.length} items: at most ${LIMITS.listedValues} are allowed. Shorten it, or use a distribution such as uniform.`,
    );
    return null;
  }
  const read: T[] = [];
  let wrong = 0;
  for (const [i, item] of items.entries()) {
    const value = readItem(item, wrong < NAMED_MISTAKES ? place.at(i) : SILENT);
    if (value === null) wrong++;
    else read.push(value);
  }
  if (wrong > NAMED_MISTAKES) {
    place.mistake(`${wrong - NAMED_MISTAKES} more items of this list are wrong in the same ways.`);
  }
  return wrong === 0 ? read : null;
}

const SILENT: Place = { at: () => SILENT, mistake: () => {}, warn: () => {} };

function readPair(sent: unknown, place: Place): Pair | null {
  if (!Array.isArray(sent) || sent.length !== 2) {
    place.mistake(
      `It is ${show(sent)}: it must be a pair [value, probability], as in [relu, 0.7].`,
    );
    return null;
  }
  const [first, second]: readonly unknown[] = sent;
  const value = readValue(first, place.at(0));
  const probability = readNumber(second);
  const isProbability = probability !== null && probability >= 0 && probability <= 1;
  if (!isProbability) {
    place.at(1).mistake(`The probability is ${show(second)}: it must be a number from 0 to 1.`);
  }
  return value !== null && isProbability ? { value, probability } : null;
}

/** Reads a scalar or a flat list of scalars, or returns null after noting what is wrong. */
function readValue(sent: unknown, place: Place): Value | null {
  if (!Array.isArray(sent)) return readScalar(sent, place);
  const items: readonly unknown[] = sent;
  if (items.length > LIMITS.itemValues) {
    place.mistake(
      `This item is a list of ${items.length} items: at most ${LIMITS.itemValues} are allowed inside a list.`,
    );
    return null;
  }
  const scalars: Scalar[] = [];
  for (const [i, item] of items.entries()) {
    const scalar = readScalar(item, place.at(i));
    if (scalar !== null) scalars.push(scalar);
  }
  return scalars.length === items.length ? scalars : null;
}

function readScalar(sent: unknown, place: Place): Scalar | null {
  if (typeof sent === 'boolean') return sent;
  if (typeof sent === 'number') {
    if (Number.isFinite(sent)) return sent + 0;
    place.mistake(`This item is ${show(sent)}: numbers must be finite.`);
    return null;
  }
  if (typeof sent === 'string') {
    if (sent.length <= LIMITS.stringCharacters) return sent;
    place.mistake(
      `This item is a string of ${sent.length} characters: at most ${LIMITS.stringCharacters} are allowed.`,
    );
    return null;
  }
  place.mistake(`This item is ${show(sent)}: ${adviceOn(sent)}.`);
  return null;
}

function adviceOn(sent: unknown): string {
  if (Array.isArray(sent)) return 'lists inside a list hold numbers, strings and booleans only';
  if (isMap(sent))
    return 'a matrix cannot stand inside a list; give each of its parameters a key of its own';
  return 'it must be a number, a string, a boolean or a flat list of these; leave it out or write it as a string';
}
