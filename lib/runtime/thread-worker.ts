import { parentPort } from 'node:worker_threads';
import type { TaskName } from '../service/tasks.ts';
import { computeHere } from '../service/tasks.ts';
import type { ThreadRequest } from './thread.ts';

/*
 * The thread in which a laptop computes what takes long: calls are answered meanwhile.
 */

const port = parentPort;
port?.on('message', async ({ id, name, input }: ThreadRequest<TaskName>) => {
  try {
    port.postMessage({ id, result: await computeHere(name, input) });
  } catch (error) {
    port.postMessage({ id, error });
  }
});
