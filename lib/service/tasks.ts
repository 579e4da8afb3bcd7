import type { Hptuning } from '../domain/hptuning.ts';
import type { Suggestion } from '../domain/suggestion.ts';
import type { Contour } from '../optimizers/bayes/contour.ts';
import { contourOf } from '../optimizers/bayes/contour.ts';
import { propose } from '../optimizers/bayes/propose.ts';
import type { Observation, View } from '../optimizers/bayes/view.ts';
import type { Importances } from '../optimizers/importance.ts';
import { importanceOf } from '../optimizers/importance.ts';

/*
 * What takes long to compute: functions of their arguments, which can run wherever there is a processor to spare.
 */

interface Inputs {
  readonly propose: { readonly hptuning: Hptuning; readonly view: View };
  readonly importance: {
    readonly hptuning: Hptuning;
    readonly observations: readonly Observation[];
  };
  readonly contour: { readonly hptuning: Hptuning; readonly of: Parameters<typeof contourOf>[1] };
}

interface Outputs {
  readonly propose: readonly Suggestion[];
  readonly importance: Importances;
  readonly contour: Contour;
}

/** The name of a task. */
export type TaskName = keyof Inputs;
/** What a task is given. */
export type TaskInput<K extends TaskName> = Inputs[K];

const TASKS: { readonly [K in TaskName]: (input: Inputs[K]) => Outputs[K] } = {
  propose: ({ hptuning, view }) => propose(hptuning, view),
  importance: ({ hptuning, observations }) => importanceOf(hptuning, observations),
  contour: ({ hptuning, of }) => contourOf(hptuning, of),
};

/** Does a task, wherever there is a processor to spare. */
export type Compute = <K extends TaskName>(name: K, input: Inputs[K]) => Promise<Outputs[K]>;

/** Does it here and now. */
export const computeHere: Compute = async (name, input) => TASKS[name](input);
