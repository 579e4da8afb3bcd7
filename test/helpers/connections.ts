import { createHook } from 'node:async_hooks';
import type { TestContext } from 'node:test';

/** What this process has asked of the network while a test ran. */
export interface Connections {
  /** Addresses to which a TCP connection was begun, in order. */
  readonly attempts: () => readonly string[];
  /** How often the system was asked for the addresses of a name. */
  readonly lookups: () => number;
}

/** Records every TCP connection that Node begins, below all of its libraries, until the test ends. */
export function recordConnections(t: TestContext): Connections {
  const connects: object[] = [];
  let lookups = 0;
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'TCPCONNECTWRAP') connects.push(resource);
      if (type === 'GETADDRINFOREQWRAP') lookups++;
    },
  }).enable();
  t.after(() => hook.disable());
  return {
    attempts: () => connects.map((wrap) => ('address' in wrap ? String(wrap.address) : '?')),
    lookups: () => lookups,
  };
}
