import type { Hptuning } from '../domain/hptuning.ts';
import type { Suggestion } from '../domain/suggestion.ts';
import { propose } from '../optimizers/bayes/propose.ts';
import type { View } from '../optimizers/bayes/view.ts';

/** Computes suggestions, wherever there is a processor to spare: a function of its arguments. */
export type Propose = (hptuning: Hptuning, view: View) => Promise<readonly Suggestion[]>;

/** Computes them here and now. */
export const proposeHere: Propose = async (hptuning, view) => propose(hptuning, view);
