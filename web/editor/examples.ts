import digitsBo from '../../examples/digits/bo.yml';
import digitsHyperband from '../../examples/digits/hyperband.yml';
import digits from '../../examples/digits/polyaxonfile.yml';
import loop from '../../examples/loop/polyaxonfile.yml';
import grid from '../../examples/reference/grid.yml';
import random from '../../examples/reference/random.yml';
import sklearn from '../../examples/sklearn/polyaxonfile.yml';

/** A document to start from. */
export interface Example {
  readonly title: string;
  readonly text: string;
}

const [first, ...others]: readonly [Example, ...Example[]] = [
  { title: 'Random search: a network on handwritten digits', text: digits },
  { title: 'Hyperband: the same network, the best train longer', text: digitsHyperband },
  { title: 'Bayesian optimisation: the same network, by a model', text: digitsBo },
  { title: 'Grid search: two parameters, ten points', text: grid },
  { title: 'Random search with early stopping', text: random },
  { title: 'No command: workers that ask by HTTP', text: loop },
  { title: 'scikit-learn: a support-vector machine', text: sklearn },
];

/** What the editor begins with where there is no draft. */
export const FIRST = first;

/** The documents of `examples`, as they are there. */
export const EXAMPLES: readonly Example[] = [first, ...others];
