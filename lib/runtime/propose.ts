import { Worker } from 'node:worker_threads';
import type { Propose } from '../service/propose.ts';

type Arguments = Parameters<Propose>;
type Suggestions = Awaited<ReturnType<Propose>>;

/** What the thread is sent. */
export interface ProposeRequest {
  readonly id: number;
  readonly hptuning: Arguments[0];
  readonly view: Arguments[1];
}

/** What it sends back. */
type ProposeAnswer =
  | { readonly id: number; readonly suggestions: Suggestions }
  | { readonly id: number; readonly error: unknown };

interface Waiting {
  readonly resolve: (suggestions: Suggestions) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread's file beside this one: TypeScript as it is here, JavaScript where both are bundled. */
const FILE = new URL(`./propose-worker${import.meta.url.slice(-3)}`, import.meta.url);

/**
 * Computes suggestions in a thread, one request at a time. It starts with the first request, starts anew after a crash,
 * and keeps no process alive but while somebody waits for it.
 */
export function createProposeWorker(): Propose {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let last = 0;

  const settle = (id: number, how: (one: Waiting) => void): void => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker?.unref();
    if (one !== undefined) how(one);
  };

  const start = (): Worker => {
    const started = new Worker(FILE);
    const fail = (error: unknown): void => {
      if (worker === started) worker = null;
      for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(error));
    };
    started.on('message', (answer: ProposeAnswer) => {
      settle(answer.id, ({ resolve, reject }) => {
        if ('suggestions' in answer) resolve(answer.suggestions);
        else reject(answer.error);
      });
    });
    started.on('error', fail);
    started.on('exit', (code) => fail(new Error(`the thread has ended with code ${code}`)));
    return started;
  };

  return (hptuning, view) =>
    new Promise((resolve, reject) => {
      worker ??= start();
      worker.ref();
      const id = ++last;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, hptuning, view } satisfies ProposeRequest);
    });
}
