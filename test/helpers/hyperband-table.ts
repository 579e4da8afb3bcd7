/**
 * Experiments of a Hyperband with R = 81 and eta = 3 by bracket, rung and resource: table 1 of Li et al., with the numbers
 * of configurations of the Polyaxon documentation.
 */
export const RUNS_OF_81_3: Readonly<Record<string, number>> = {
  '0/0@81': 5,
  '1/0@27': 8,
  '1/1@81': 2,
  '2/0@9': 15,
  '2/1@27': 5,
  '2/2@81': 1,
  '3/0@3': 34,
  '3/1@9': 11,
  '3/2@27': 3,
  '3/3@81': 1,
  '4/0@1': 81,
  '4/1@3': 27,
  '4/2@9': 9,
  '4/3@27': 3,
  '4/4@81': 1,
};
