import { parentPort } from 'node:worker_threads';
import { proposeHere } from '../service/propose.ts';
import type { ProposeRequest } from './propose.ts';

/*
 * The thread in which a laptop computes suggestions: calls are answered meanwhile.
 */

const port = parentPort;
port?.on('message', async ({ id, hptuning, view }: ProposeRequest) => {
  try {
    port.postMessage({ id, suggestions: await proposeHere(hptuning, view) });
  } catch (error) {
    port.postMessage({ id, error });
  }
});
