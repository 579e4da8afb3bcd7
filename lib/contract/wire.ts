import type { ApiKey } from '../domain/api-key.ts';
import type { ExperimentState } from '../domain/experiment.ts';
import { objectiveOf, statusAt } from '../domain/experiment.ts';
import type { GroupHead } from '../domain/group.ts';
import type { Algorithm, Matrix } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { MetricValue } from '../domain/measurement.ts';
import type { Size } from '../domain/moves.ts';
import { queuedCount } from '../domain/moves.ts';
import type { Warning } from '../domain/problem.ts';
import type { Prediction } from '../domain/suggestion.ts';
import type { Values } from '../domain/values.ts';
import { listValues } from '../matrix/enumerate.ts';
import { renderCommand } from './command.ts';
import type { Document } from './document.ts';
import { hptuningToWire } from './document.ts';

/*
 * From the service's words to the wire's: snake_case, RFC 3339, everything that derives from the document filled in.
 */

/** A time on the wire. */
export const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

const timeOrNull = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : time(milliseconds);

/** A group's document with what never changes about the group. */
export interface GroupSource {
  readonly id: string;
  readonly createdAt: number;
  readonly document: Document;
  readonly warnings: readonly Warning[];
  /** What the search plans, before it finds that the space holds fewer points. */
  readonly planned: number;
  readonly fresh: number;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** The surrogate and what is maximised over it, in words. */
function describeSurrogate(algorithm: Algorithm): string {
  if (algorithm.kind !== 'bo' || algorithm.surrogate === null) return DEFAULT_SURROGATE;
  const { acquisition, gaussianProcess } = algorithm.surrogate;
  const { kernel, nu } = gaussianProcess;
  const process = kernel === 'rbf' ? 'an RBF kernel' : `a Matérn kernel of nu ${nu}`;
  const exploration =
    acquisition.kind === 'ucb' ? `kappa ${acquisition.kappa}` : `eps ${acquisition.eps}`;
  return `a Gaussian process with ${process}, acquisition ${acquisition.kind} with ${exploration}`;
}

/** What Bayesian optimisation uses where the document leaves the choice to it. */
const DEFAULT_SURROGATE =
  'a Gaussian process with a Matérn kernel of nu 2.5, one length scale for each parameter, learnt noise and warped values, acquisition in turn log expected improvement and ucb';

const DETAILS: {
  readonly [K in Algorithm['kind']]: (planned: number, algorithm: Algorithm) => string;
} = {
  asha: (planned) =>
    `asynchronous successive halving: some ${plural(planned, 'experiment')} on the rungs of one bracket, each goes on as soon as it is among the best of its rung so far`,
  auto: (planned, algorithm) =>
    algorithm.kind === 'auto' && algorithm.training !== null
      ? `the search's own choice: some ${plural(planned, 'experiment')} on the rungs of one bracket, each goes on as soon as it is among the best of its rung so far, and a share of them in any case, the larger the less early results foretell late ones; new ones by ${DEFAULT_SURROGATE}`
      : `the search's own choice: ${plural(planned, 'experiment')}, ${DEFAULT_SURROGATE}`,
  bo: (planned, algorithm) =>
    `Bayesian optimisation: ${plural(planned, 'experiment')}, ${describeSurrogate(algorithm)}`,
  grid: (planned) =>
    `grid search: ${plural(planned, 'point')} of the cartesian product, the last parameter varies fastest`,
  hyperband: (planned, algorithm) => {
    const model =
      algorithm.kind === 'hyperband' && algorithm.model
        ? `; once a rung is complete, four in five new configurations by ${DEFAULT_SURROGATE}`
        : '';
    return `Hyperband: ${plural(planned, 'experiment')} in brackets of rungs, the best of each rung go on${model}`;
  },
  random: (planned) => `random search: ${plural(planned, 'distinct point')}, drawn by the seed`,
};

function warningsOf(source: GroupSource, size: Size): readonly Warning[] {
  if (size.fresh >= source.fresh) return source.warnings;
  const message = `No further distinct point was found after ${plural(size.planned, 'experiment')}: the search ends with these instead of ${source.fresh}. Widen the matrix, or ask for fewer.`;
  return [...source.warnings, { path: 'hptuning.matrix', code: 'space_exhausted', message }];
}

/** What the contract shows of a group that changes with how much its search makes. */
export function outlookToWire(source: GroupSource, size: Size) {
  const { algorithm } = source.document.hptuning;
  return {
    algorithm_detail: DETAILS[algorithm.kind](size.planned, algorithm),
    warnings: warningsOf(source, size),
  };
}

/** A group as the contract shows it. */
export function groupToWire(source: GroupSource, head: GroupHead, best: ExperimentState | null) {
  const { document } = source;
  const { algorithm } = document.hptuning;
  const outlook = outlookToWire(source, head);
  const waiting = head.places.filter(({ r }) => r === 1).length;
  return {
    id: source.id,
    name: document.name,
    description: document.description,
    tags: document.tags,
    status: head.status,
    status_reason: head.reason,
    algorithm: algorithm.kind,
    algorithm_detail: outlook.algorithm_detail,
    hptuning: hptuningToWire(document.hptuning),
    spec: document.spec,
    warnings: outlook.warnings,
    progress: {
      planned: head.planned,
      queued: queuedCount(head) + waiting,
      running: head.places.length - waiting,
      ...head.counts,
    },
    best:
      head.best === null || best === null || algorithm.metric === null
        ? null
        : {
            number: head.best.number,
            metric: algorithm.metric.name,
            value: head.best.value,
            values: best.values,
          },
    created_at: time(source.createdAt),
    updated_at: time(head.updatedAt),
    finished_at: timeOrNull(head.finishedAt),
  };
}

/** What an experiment's reader may see, and when it is read. */
export interface ExperimentReader {
  readonly now: number;
  /** The lease token, for a reader that may report with it; else null. */
  readonly token: string | null;
}

/** An experiment as the contract shows it. */
export function experimentToWire(
  source: GroupSource,
  experiment: ExperimentState,
  reader: ExperimentReader,
) {
  const { document } = source;
  const status = statusAt(experiment, reader.now);
  return {
    group: source.id,
    number: experiment.number,
    values: experiment.values,
    declarations: document.declarations,
    command: commandOf(document, experiment.values),
    status,
    status_reason: experiment.reason,
    worker: experiment.worker,
    attempt: experiment.attempt,
    lease:
      status === 'running' ? { token: reader.token, expires_at: time(experiment.expiresAt) } : null,
    rung: experiment.rung,
    resume_from: experiment.resumeFrom,
    source: experiment.source,
    metrics: Object.fromEntries(
      Object.entries(experiment.metrics).map(([name, { attempt: _attempt, ...summary }]) => [
        name,
        summary,
      ]),
    ),
    objective: objectiveOf(experiment, document.hptuning.algorithm.metric),
    checkpoint: experiment.checkpoint,
    message: experiment.message,
    created_at: time(experiment.createdAt),
    started_at: timeOrNull(experiment.startedAt),
    finished_at: timeOrNull(experiment.finishedAt),
  };
}

/** The command of an experiment with these values: the search's values win over declarations. */
const commandOf = (document: Document, values: Values): string | null =>
  document.command === null
    ? null
    : renderCommand(document.command, { ...document.declarations, ...values });

function parametersToWire(matrix: Matrix, points: readonly Values[]) {
  return matrix.map(({ name, option }) => {
    const listed = option.kind === 'pvalues' ? option.values : listValues(option);
    const sampled = points.flatMap((values) => values[name] ?? []);
    return {
      name,
      kind: option.kind,
      size: listed?.length ?? null,
      values: (listed ?? sampled).slice(0, LIMITS.previewValues),
    };
  });
}

/** What a document would run, as the contract shows it. */
export function previewToWire(preview: {
  readonly document: Document;
  readonly warnings: readonly Warning[];
  readonly planned: number;
  readonly points: readonly Values[];
  readonly brackets:
    | readonly {
        readonly bracket: number;
        readonly rungs: readonly { readonly experiments: number; readonly resource: number }[];
      }[]
    | null;
}) {
  const { document, points } = preview;
  const { algorithm, matrix } = document.hptuning;
  const commands = points
    .slice(0, LIMITS.previewCommands)
    .flatMap((values) => commandOf(document, values) ?? []);
  return {
    algorithm: algorithm.kind,
    algorithm_detail: DETAILS[algorithm.kind](preview.planned, algorithm),
    planned: preview.planned,
    parameters: parametersToWire(matrix, points),
    points: points.slice(0, LIMITS.previewPoints),
    brackets: preview.brackets,
    commands: document.command === null ? null : commands,
    warnings: preview.warnings,
  };
}

/** One reported number as the contract shows it. */
export const measurementToWire = (measurement: {
  readonly metric: string;
  readonly value: MetricValue;
  readonly step: number | null;
  readonly attempt: number;
  readonly at: number;
}) => ({
  metric: measurement.metric,
  value: measurement.value,
  step: measurement.step,
  attempt: measurement.attempt,
  reported_at: time(measurement.at),
});

/** A key as the contract shows it: never its secret, nor the hash. */
export const keyToWire = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  scopes: key.scopes,
  created_at: time(key.createdAt),
  expires_at: timeOrNull(key.expiresAt),
  last_used_on: key.lastUsedOn,
});

/** A key that was just created, with what its holder sends; null where that has been told already. */
export const createdKeyToWire = (key: ApiKey, text: string | null) => ({
  ...keyToWire(key),
  key: text,
});

/** The suggestion that an experiment came from, where it was computed. */
export interface ComputedFrom {
  readonly prediction: Prediction | null;
  /** Numbers of the experiments that had no value yet. */
  readonly pending: readonly number[];
  /** Experiments with a result that it took into account. */
  readonly observations: number;
}

/** Why an experiment has its values, as the contract shows it. */
export function explanationToWire(
  source: GroupSource,
  experiment: ExperimentState,
  computed: ComputedFrom | null,
) {
  const { seed, algorithm } = source.document.hptuning;
  return {
    group: source.id,
    number: experiment.number,
    source: experiment.source,
    detail: explain(algorithm, experiment),
    index: experiment.index,
    seed,
    rung: experiment.rung,
    surrogate: predictionToWire(computed?.prediction ?? null),
    pending: computed?.pending ?? [],
    observations: computed?.observations ?? 0,
  };
}

const predictionToWire = (prediction: Prediction | null) =>
  prediction === null
    ? null
    : {
        mean: prediction.mean,
        sd: prediction.sd,
        acquisition_function: prediction.acquisition.name,
        acquisition: prediction.acquisition.value,
      };

const AT_THE_PEAK =
  'the values at which the acquisition function over the surrogate was largest, given the observations and what was pending';

/** How a search with a surrogate came to an experiment's values. */
const SURROGATE_SOURCES: { readonly [source: string]: string } = {
  initial_design: 'a point of the initial design, a scrambled Sobol sequence through the matrix',
  surrogate: AT_THE_PEAK,
  fallback: 'a further point of the initial design, in place of a surrogate without observations',
};

const PROMOTED = 'it was among the best of the rung before and goes on with its values';

/** How Hyperband came to the values of a new configuration. */
const HYPERBAND_SOURCES: { readonly [source: string]: string } = {
  hyperband: 'new values, drawn by the seed',
  random: 'new values, drawn by the seed: no rung was complete, or it was the turn of one in five',
  surrogate: AT_THE_PEAK,
};

function explain(algorithm: Algorithm, { index, source, rung }: ExperimentState): string {
  if (index === null) return "the caller's own values";
  const isPromoted = rung !== null && rung.rung > 0;
  if (algorithm.kind !== 'hyperband' && isPromoted) {
    const why = `goes on from rung ${rung.rung - 1} to rung ${rung.rung}: it was among the best of that rung so far`;
    return algorithm.kind === 'auto' ? `${why}, or of the share that goes on in any case` : why;
  }
  switch (algorithm.kind) {
    case 'asha':
      return `configuration ${index + 1}, a function of the matrix and the seed alone: nobody was there to go on`;
    case 'grid':
      return `point ${index + 1} of the grid, counted with the last parameter varying fastest`;
    case 'hyperband':
      return `experiment ${index + 1} in the order of brackets, rungs and slots: ${isPromoted ? PROMOTED : (HYPERBAND_SOURCES[source] ?? source)}`;
    case 'bo':
    case 'auto':
      return `suggestion ${index + 1}: ${SURROGATE_SOURCES[source] ?? source}`;
    case 'random':
      return `draw ${index + 1} of the random search, a function of the matrix and the seed alone`;
  }
}
