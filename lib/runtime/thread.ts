import { Worker } from 'node:worker_threads';
import type { Compute, TaskInput, TaskName } from '../service/tasks.ts';

/** What the thread is sent. */
export interface ThreadRequest<K extends TaskName> {
  readonly id: number;
  readonly name: K;
  readonly input: TaskInput<K>;
}

/** What it sends back; the result is what the task of that id has. */
type ThreadAnswer =
  | { readonly id: number; readonly result: never }
  | { readonly id: number; readonly error: unknown };

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread's file beside this one: TypeScript as it is here, JavaScript where both are bundled. */
const FILE = new URL(`./thread-worker${import.meta.url.slice(-3)}`, import.meta.url);

/**
 * Does tasks in a thread of its own, one at a time. It starts with the first one, starts anew after a crash, and keeps no
 * process alive but while somebody waits for it.
 */
export function createThread(): Compute {
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
    started.on('message', (answer: ThreadAnswer) => {
      settle(answer.id, ({ resolve, reject }) => {
        if ('result' in answer) resolve(answer.result);
        else reject(answer.error);
      });
    });
    started.on('error', fail);
    started.on('exit', (code) => fail(new Error(`the thread has ended with code ${code}`)));
    return started;
  };

  return (name, input) =>
    new Promise((resolve, reject) => {
      worker ??= start();
      worker.ref();
      const id = ++last;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, name, input } satisfies ThreadRequest<typeof name>);
    });
}
