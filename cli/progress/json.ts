import type { View } from './view.ts';

/** Shows what happens as one JSON object a line, for programs. */
export function createJsonView(write: (text: string) => void): View {
  const line = (type: string, more: object): void =>
    write(`${JSON.stringify({ type, ...more })}\n`);
  return {
    events: {
      group: ({ id, status, status_reason, progress, best }) =>
        line('group', { group: id, status, status_reason, progress, best }),
      started: ({ number, values, command, attempt }) =>
        line('started', { number, attempt, values, command }),
      measured: ({ number }, metrics, step) => line('measured', { number, step, metrics }),
      printed: ({ number }, text) => line('printed', { number, line: text }),
      ended: ({ number, status, objective, metrics }, message) =>
        line('ended', { number, status, objective, metrics, message }),
      left: ({ number }, why) => line('left', { number, why }),
      warned: (message) => line('warning', { message }),
    },
    close() {},
  };
}
