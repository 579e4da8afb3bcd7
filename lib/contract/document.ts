import * as z from 'zod';
import type { Hptuning } from '../domain/hptuning.ts';
import type { Mistake, Warning } from '../domain/problem.ts';
import type { Json, Value } from '../domain/values.ts';
import { isMap } from '../matrix/numbers.ts';
import { show } from '../matrix/words.ts';
import type { CommandTemplate } from './command.ts';
import { compileCommand } from './command.ts';
import { readDeclarations } from './declarations.ts';
import { documentFields } from './document-fields.ts';
import { map, pathOf, readFields, under } from './fields.ts';
import { readHptuning, valueNames } from './hptuning.ts';
import { isJson } from './inspect.ts';
import { once } from './once.ts';
import { grouped } from './words.ts';

export { hptuningToWire } from './hptuning-wire.ts';

/** A polyaxonfile in its normal form. */
export interface Document {
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly declarations: Readonly<Record<string, Value>>;
  readonly hptuning: Hptuning;
  /** Null for a group whose experiments have no command. */
  readonly command: CommandTemplate | null;
  /** Shell commands that prepare an agent for the experiments. */
  readonly buildSteps: readonly string[];
  /** The document as it was sent. */
  readonly spec: Json;
}

/** A document, or everything that is wrong with it. */
export interface DocumentReading {
  /** Null where there are mistakes. */
  readonly document: Document | null;
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Warning[];
}

/**
 * More is no document that somebody mends line by line, and would make the answer larger than an
 * answer may be.
 */
const MISTAKES_MAX = 1_000;

/** Read by code of its own. */
const elsewhere = once(() => z.unknown().optional());

const fields = once(() =>
  map({
    ...documentFields(),
    declarations: elsewhere(),
    params: elsewhere(),
    hptuning: elsewhere(),
    build: elsewhere(),
    run: elsewhere(),
  }),
);

/**
 * Returns a polyaxonfile in its normal form, or all its mistakes at once, each with its path. What
 * is legal but not supported yet is a mistake with the code `not_supported`; those come only once
 * there are no others.
 *
 * A field that is null counts as left out. A pure function of its arguments.
 *
 * @param spec - the document as parsed from YAML or JSON
 * @param options.seed - the seed of a document that has none
 */
export function readDocument(spec: unknown, options: { readonly seed: number }): DocumentReading {
  const general: Mistake[] = [];
  const isStorable = isJson(spec, '', general);
  const own = readFields(fields(), spec, '');
  if (!isMap(spec)) return { document: null, mistakes: own.mistakes, warnings: [] };
  const constants = readConstants(spec);
  const hptuning = readHptuning(spec['hptuning'], 'hptuning', options.seed);
  const command = readCommand(spec);
  const build = readBuildSteps(spec['build']);
  const mistakes = distinct(general, [
    ...own.mistakes,
    ...constants.mistakes,
    ...hptuning.mistakes,
    ...build.mistakes,
    ...command.mistakes,
  ]);
  const { warnings } = hptuning;
  if (mistakes.length > 0) return { document: null, mistakes: limited(mistakes), warnings };
  if (!isStorable || own.value === null || hptuning.hptuning === null) {
    return { document: null, mistakes: hptuning.unsupported, warnings };
  }
  const document: Document = {
    name: own.value.name,
    description: own.value.description,
    tags: own.value.tags,
    declarations: constants.declarations,
    hptuning: hptuning.hptuning,
    command: command.template,
    buildSteps: build.steps,
    spec,
  };
  return { document, mistakes: [], warnings };
}

type Sent = Readonly<Record<string, unknown>>;

const isGiven = (raw: unknown): boolean => raw !== undefined && raw !== null;

function readConstants(spec: Sent): ReturnType<typeof readDeclarations> {
  const { declarations, params } = spec;
  const key = isGiven(declarations) ? 'declarations' : 'params';
  const reading = readDeclarations(spec[key] ?? {}, key);
  if (!isGiven(declarations) || !isGiven(params)) return reading;
  const message =
    'It is another name of declarations: only one of them is allowed. Move its constants there.';
  return { ...reading, mistakes: [...reading.mistakes, { path: 'params', message }] };
}

interface CommandReading {
  readonly template: CommandTemplate | null;
  readonly mistakes: readonly Mistake[];
}

function readCommand(spec: Sent): CommandReading {
  const { run } = spec;
  if (!isGiven(run)) return { template: null, mistakes: [] };
  if (!isMap(run)) {
    const message = `It is ${show(run)}: it must be a map, as in run: {cmd: "python3 train.py"}.`;
    return { template: null, mistakes: [{ path: 'run', message }] };
  }
  if (!Object.hasOwn(run, 'cmd')) return { template: null, mistakes: [] };
  const path = 'run.cmd';
  const { cmd } = run;
  if (typeof cmd !== 'string') {
    const message = `It is ${show(cmd)}: it must be one string. Several commands can be joined with &&, or stand in the lines of a block (cmd: |).`;
    return { template: null, mistakes: [{ path, message }] };
  }
  const compiled = compileCommand(cmd, namesOf(spec), path);
  return compiled.ok
    ? { template: compiled.value, mistakes: [] }
    : { template: null, mistakes: compiled.fault };
}

/** Every name that a command can use, even where something else about it is wrong. */
function namesOf(spec: Sent): ReadonlySet<string> {
  const declared = [spec['declarations'], spec['params']].flatMap((constants) =>
    isMap(constants) ? Object.keys(constants) : [],
  );
  return new Set([...declared, ...valueNames(spec['hptuning'])]);
}

function readBuildSteps(build: unknown): {
  readonly steps: readonly string[];
  readonly mistakes: readonly Mistake[];
} {
  if (isGiven(build) && !isMap(build)) {
    const message = `It is ${show(build)}: it must be a map, as in build: {build_steps: [pip install scikit-learn]}.`;
    return { steps: [], mistakes: [{ path: 'build', message }] };
  }
  const path = 'build.build_steps';
  const steps = under(build, 'build_steps') ?? [];
  if (!Array.isArray(steps)) {
    const message = `It is ${show(steps)}: it must be a list of commands, each a string.`;
    return { steps: [], mistakes: [{ path, message }] };
  }
  const commands = steps.filter((step) => typeof step === 'string');
  const mistakes = steps.flatMap((step, index) =>
    typeof step === 'string'
      ? []
      : [
          {
            path: pathOf(path, index),
            message: `It is ${show(step)}: it must be a string, a command.`,
          },
        ],
  );
  return { steps: commands, mistakes };
}

/**
 * Mistakes of the second kind say nothing new where one of the first kind concerns the same place.
 */
function distinct(first: readonly Mistake[], second: readonly Mistake[]): readonly Mistake[] {
  const known = new Set(first.map(({ path }) => path));
  return [...first, ...second.filter(({ path }) => !known.has(path))];
}

function limited(mistakes: readonly Mistake[]): readonly Mistake[] {
  if (mistakes.length <= MISTAKES_MAX) return mistakes;
  const more = mistakes.length - MISTAKES_MAX;
  const message = `There are ${grouped(more)} mistakes more. Mend the first ${grouped(MISTAKES_MAX)} and send the document again.`;
  return [...mistakes.slice(0, MISTAKES_MAX), { path: '', message }];
}
