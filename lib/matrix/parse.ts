import type { Matrix, MatrixOption, Parameter } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Mistake, Warning } from '../domain/problem.ts';
import { NAME, RESERVED_NAMES } from './names.ts';
import { isMap } from './numbers.ts';
import { OPTIONS } from './options.ts';
import type { Place } from './place.ts';
import { createPlace } from './place.ts';
import { nearestWord, show } from './words.ts';

const KINDS = Object.keys(OPTIONS);

/**
 * Returns the matrix of a document in its normal form, with all mistakes and warnings.
 *
 * @param raw - what stands under `matrix`, as parsed from JSON or YAML
 * @param path - its dotted path, such as `hptuning.matrix`
 * @returns the parameters that are right, in the order of the document; all of them where there is
 * no mistake
 */
export function parseMatrix(
  raw: unknown,
  path: string,
): { matrix: Matrix; mistakes: Mistake[]; warnings: Warning[] } {
  const mistakes: Mistake[] = [];
  const warnings: Warning[] = [];
  const matrix = readMatrix(raw, createPlace(path, { mistakes, warnings }), mistakes);
  return { matrix, mistakes, warnings };
}

function readMatrix(raw: unknown, place: Place, mistakes: readonly Mistake[]): Matrix {
  if (!isMap(raw)) {
    place.mistake(
      `It is ${show(raw)}: it must be a map of parameters, as in lr: {uniform: [0, 1]}.`,
    );
    return [];
  }
  const entries = Object.entries(raw);
  if (entries.length === 0) {
    place.mistake('It has no parameter: give it at least one, as in lr: {uniform: [0, 1]}.');
  }
  if (entries.length > LIMITS.parameters) {
    place.mistake(`It has ${entries.length} parameters: at most ${LIMITS.parameters} are allowed.`);
  }
  const matrix: Parameter[] = [];
  for (const [name, sent] of entries) {
    const before = mistakes.length;
    checkName(name, place.at(name));
    const option = readOption(sent, place.at(name));
    if (option !== null && mistakes.length === before) matrix.push({ name, option });
  }
  return matrix;
}

function checkName(name: string, place: Place): void {
  if (RESERVED_NAMES.has(name)) {
    place.mistake(`${name} is a reserved word: give the parameter another name.`);
  } else if (!NAME.test(name)) {
    place.mistake(
      `${show(name)} is not a name: a name starts with a letter or _, goes on with letters, digits, _, . and -, and has at most 64 characters.`,
    );
  }
}

const isKind = (word: string): word is keyof typeof OPTIONS => Object.hasOwn(OPTIONS, word);

/**
 * Reads the one option of a parameter; of several the first, but the mistakes in all of them are
 * noted.
 */
function readOption(sent: unknown, place: Place): MatrixOption | null {
  if (!isMap(sent)) {
    place.mistake(
      `It is ${show(sent)}: it must be a map with one option, as in {values: [0.1, 0.2]} or {uniform: [0, 1]}. A constant belongs into declarations.`,
    );
    return null;
  }
  const keys = Object.keys(sent);
  const kinds = keys.filter(isKind);
  for (const key of keys) {
    if (isKind(key)) continue;
    const nearest = nearestWord(key, KINDS);
    place
      .at(key)
      .mistake(
        `This option is unknown; the nearest one is ${nearest}. Options: ${KINDS.join(', ')}.`,
        nearest,
      );
  }
  if (keys.length === 0) {
    place.mistake(`It has no option: give it exactly one of ${KINDS.join(', ')}.`);
  }
  if (kinds.length > 1) {
    place.mistake(
      `It has ${kinds.length} options (${kinds.join(', ')}): exactly one is allowed. Keep one of them.`,
    );
  }
  return kinds.map((kind) => OPTIONS[kind](sent[kind], place.at(kind)))[0] ?? null;
}
