import assert from 'node:assert/strict';
import type { Mistake } from '../domain/problem.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Value } from '../domain/values.ts';
import { clip } from '../matrix/words.ts';
import { FILTERS, textOf } from './filters.ts';
import { nearest } from './nearest.ts';
import type { Placeholder } from './placeholder.ts';
import { readPlaceholder } from './placeholder.ts';

/** A command with the places where values go: text as it is, and placeholders. */
export interface CommandTemplate {
  readonly pieces: readonly (string | Placeholder)[];
}

/** Mistakes of one command that are listed, and known names that a message lists. */
const MISTAKES_MAX = 50;
const NAMES_MAX = 20;

const LEGAL = 'Write {{ name }}, {{ name | filter }} or {{ name | filter(literal) }}.';

/**
 * A backslash that no other one escapes, blanks, and a line break: the shell reads on in the next
 * line.
 */
const CONTINUATION = /(?<!\\)((?:\\\\)*)\\[ \t]*\r?\n/g;

/** What begins something of Jinja's; `${#` is the shell's length of a variable. */
const OPENINGS = /\{\{|\{%|(?<!\$)\{#/g;

/**
 * Returns a command ready to be rendered, or everything that is wrong with it.
 *
 * Text outside of placeholders is kept as it is, except that continued lines are joined. A name
 * without a value would leave a hole in every command, so it is a mistake now, unless `default` is
 * its first filter.
 *
 * @param source - the command as sent
 * @param names - every name that will have a value: declarations, parameters, the resource
 * @param path - where the command stands
 */
export function compileCommand(
  source: string,
  names: ReadonlySet<string>,
  path: string,
): Result<CommandTemplate, Mistake[]> {
  const joined = source.replace(CONTINUATION, '$1');
  const pieces: (string | Placeholder)[] = [];
  const mistakes: Mistake[] = [];
  if (joined.trim() === '') mistakes.push({ path, message: 'It is blank: it must be a command.' });
  if (joined.includes('\0')) {
    const message = 'It has a NUL character, which no command can carry. Remove it.';
    mistakes.push({ path, message });
  }
  const openings = new RegExp(OPENINGS);
  let textStart = 0;
  for (let opening = openings.exec(joined); opening !== null; opening = openings.exec(joined)) {
    if (mistakes.length >= MISTAKES_MAX) break;
    pieces.push(joined.slice(textStart, opening.index));
    const piece = readPiece(joined, opening, { names, path });
    if (piece.placeholder.ok) pieces.push(piece.placeholder.value);
    else mistakes.push(piece.placeholder.fault);
    textStart = piece.end;
    openings.lastIndex = piece.end;
  }
  pieces.push(joined.slice(textStart));
  if (mistakes.length > 0) return err(mistakes);
  return ok({ pieces: pieces.filter((piece) => piece !== '') });
}

interface Context {
  readonly names: ReadonlySet<string>;
  readonly path: string;
}

/** What a piece of a command is, and where the text after it begins. */
function readPiece(
  source: string,
  opening: RegExpExecArray,
  { names, path }: Context,
): { readonly placeholder: Result<Placeholder, Mistake>; readonly end: number } {
  const start = opening.index + 2;
  if (opening[0] !== '{{') {
    const kind = opening[0] === '{%' ? 'A statement ({% … %})' : 'A comment ({# … #})';
    const message = `${kind} is not allowed in a command, at character ${opening.index + 1}. ${LEGAL}`;
    return { placeholder: err({ path, message }), end: start };
  }
  const { placeholder, end } = readPlaceholder(source, start);
  const shown = clip(source.slice(opening.index, end));
  if (!placeholder.ok) {
    const message = `${shown} at character ${opening.index + 1}: ${placeholder.fault}. ${LEGAL}`;
    return { placeholder: err({ path, message }), end };
  }
  const { name, steps } = placeholder.value;
  if (names.has(name) || steps[0]?.filter === 'default') return { placeholder, end };
  return { placeholder: err(undefinedName(name, shown, { names, path })), end };
}

function undefinedName(name: string, shown: string, { names, path }: Context): Mistake {
  const meant = nearest(name, names);
  const question = meant === undefined ? '.' : `; did you mean "${meant}"?`;
  const known = [...names].slice(0, NAMES_MAX).map(clip).join(', ');
  const rest = names.size > NAMES_MAX ? `, and ${names.size - NAMES_MAX} more` : '';
  const list = names.size === 0 ? 'There are no names at all.' : `Names: ${known}${rest}.`;
  return {
    path,
    message: `${shown}: no parameter and no declaration is called "${clip(name)}"${question} ${list}`,
    ...(meant !== undefined && { suggestion: meant }),
  };
}

/**
 * Returns the command of one experiment. Numbers print in their shortest form, booleans as true and
 * false, lists as JSON; nothing is quoted for a shell.
 *
 * *Asserts* that the context has every name that was known when the command was compiled.
 */
export const renderCommand = (
  template: CommandTemplate,
  context: Readonly<Record<string, Value>>,
): string =>
  template.pieces
    .map((piece) => (typeof piece === 'string' ? piece : textOf(resolve(piece, context))))
    .join('');

function resolve(placeholder: Placeholder, context: Readonly<Record<string, Value>>): Value {
  const { name, steps } = placeholder;
  const value = steps.reduce<Value | undefined>(
    (before, { filter, args }) => FILTERS.get(filter)?.apply(before, args),
    Object.hasOwn(context, name) ? context[name] : undefined,
  );
  assert(value !== undefined, `the context of a command has no ${name}`);
  return value;
}
