import type { Experiment } from '../../cli/answers.ts';
import { createService, expectAnswer } from '../../cli/client.ts';

/*
 * A search on a function that stands in for a training: every value follows from the parameters and the step.
 */

/** The learning rate at which the function is best. */
const BEST_LR = 0.01;

/** A loss that falls with the steps towards what the values allow. */
export function lossAt(values: Experiment['values'], step: number): number {
  const lr = Number(values['lr'] ?? BEST_LR);
  const dropout = Number(values['dropout'] ?? 0.2);
  const optimizer = values['optimizer'] === 'sgd' ? 0.08 : 0;
  const floor = 0.1 + 0.06 * Math.log(lr / BEST_LR) ** 2 + 2 * (dropout - 0.2) ** 2 + optimizer;
  return floor + 0.9 * Math.exp(-step / 4);
}

/** A random search through three parameters. */
export const RANDOM_SEARCH = `version: 1
kind: group
name: mnist-cnn
description: A small network on handwritten digits
tags: [mnist, nightly]
hptuning:
  concurrency: 4
  seed: 7
  random_search: {n_experiments: 24}
  matrix:
    lr: {loguniform: [-9, 0]}
    dropout: {uniform: [0, 0.6]}
    optimizer: {values: [adam, sgd]}
  early_stopping:
    - {metric: loss, value: 0.01, optimization: minimize}
run:
  cmd: python train.py --lr {{ lr }} --dropout {{ dropout }} --optimizer {{ optimizer }}
`;

/** Hyperband over epochs, with three brackets. */
export const HYPERBAND = `version: 1
kind: group
name: mnist-hyperband
tags: [mnist]
hptuning:
  concurrency: 4
  seed: 7
  hyperband:
    max_iter: 9
    eta: 3
    resource: {name: epochs, type: int}
    resume: true
    metric: {name: loss, optimization: minimize}
  matrix:
    lr: {loguniform: [-9, 0]}
    dropout: {uniform: [0, 0.6]}
    optimizer: {values: [adam, sgd]}
`;

/** Creates a group of a document and returns its id. */
export async function createGroup(url: string, document: string): Promise<string> {
  const service = createService({ url, key: null });
  const textBody = { text: document, type: 'application/yaml' };
  return expectAnswer(await service.call('createGroup', { textBody })).id;
}

interface Work {
  /** How many experiments are ended; null works to the end of the search. */
  readonly most?: number;
  /** Steps that each reports, where the search does not say. */
  readonly steps?: number;
}

/** Works on a group as one worker; every seventh experiment fails. */
export async function work(
  url: string,
  group: string,
  { most, steps = 8 }: Work = {},
): Promise<void> {
  const service = createService({ url, key: null });
  for (let ended = 0; ended < (most ?? Number.POSITIVE_INFINITY); ) {
    const body = { wait_seconds: 2, worker: 'worker-1' };
    const answer = expectAnswer(await service.call('suggest', { group, body }));
    if (answer.group_status === 'done' && answer.experiments.length === 0) return;
    for (const { number, values, rung } of answer.experiments) {
      const count = rung?.resource ?? steps;
      const all = Array.from({ length: count }, (_, i) => i + 1);
      const fails = number % 7 === 0;
      const measured = {
        measurements: all.map((step) => ({ step, metrics: { loss: lossAt(values, step) } })),
      };
      const end = fails
        ? { status: 'failed', message: 'CUDA out of memory' }
        : { status: 'succeeded' };
      expectAnswer(await service.call('report', { group, number, body: { ...measured, ...end } }));
      ended += 1;
    }
  }
}

/** Takes one experiment and leaves it running with a first measurement; or adds the second one to a number. */
export async function begin(url: string, group: string, again?: number): Promise<number> {
  const service = createService({ url, key: null });
  const report = async (number: number, step: number): Promise<number> => {
    const { values } = expectAnswer(await service.call('readExperiment', { group, number }));
    const body = { metrics: { loss: lossAt(values, step) }, step };
    expectAnswer(await service.call('report', { group, number, body }));
    return number;
  };
  if (again !== undefined) return report(again, 2);
  const body = { worker: 'worker-2' };
  const [experiment] = expectAnswer(await service.call('suggest', { group, body })).experiments;
  if (experiment === undefined) throw new Error('nothing was handed out');
  return report(experiment.number, 1);
}
