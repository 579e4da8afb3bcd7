import { LIMITS } from '../domain/limits.ts';
import { metricName } from './algorithm-fields.ts';
import { map, text, textLike } from './fields.ts';
import { once } from './once.ts';
import { asked, cursor, limitOf } from './requests.ts';

/*
 * The query strings of the calls that plots are drawn from.
 */

const metric = once(() =>
  asked(metricName(), null).meta({
    description: 'The metric; that of the search unless it is given.',
  }),
);

/** Numbers of experiments with commas between them, as text. */
const numbers = once(() =>
  asked(
    textLike(
      new RegExp(`^[1-9]\\d{0,9}(,[1-9]\\d{0,9}){0,${LIMITS.pageItems - 1}}$`),
      `at most ${LIMITS.pageItems} numbers of experiments with commas between them, such as 1,5,9`,
    ),
    null,
  )
    .transform((value) => value?.split(',').map(Number) ?? null)
    .meta({ description: 'Only these experiments, with commas between their numbers.' }),
);

const parameter = (description: string) => text(1, LIMITS.nameCharacters).meta({ description });

export const columnsQuery = once(() =>
  map({ limit: limitOf(LIMITS.columnItems, LIMITS.columnItemsDefault), cursor: cursor() }),
);

export const curvesQuery = once(() =>
  map({
    metric: metric(),
    numbers: numbers(),
    limit: limitOf(LIMITS.pageItems, LIMITS.pageItemsDefault),
    cursor: cursor(),
  }),
);

export const contourQuery = once(() =>
  map({
    x: parameter('The parameter across.'),
    y: parameter('The parameter upwards.'),
  }),
);
