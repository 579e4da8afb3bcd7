/*
 * How many attempts one endpoint may have under way in this process, so that one which is slow or dead takes no more than
 * its share of what all of them wait for.
 */

const AT_ONCE = 4;
/** For an endpoint that has failed: enough to see when it is back. */
const AT_ONCE_FAILING = 1;
/** Attempts that may wait for their turn; more go back into the queue. */
const WAITING = 32;
const WAITING_FAILING = 4;
/** How long one waits before it goes back into the queue, ms. */
const WAIT_MS = 2_000;

export interface Gate {
  /** Resolves with whether the attempt may begin; then `leave` has to follow. */
  readonly enter: (endpoint: string) => Promise<boolean>;
  /** Ends an attempt, and tells whether the endpoint has failed it. */
  readonly leave: (endpoint: string, hasFailed: boolean) => void;
}

interface Endpoint {
  active: number;
  isFailing: boolean;
  readonly waiting: Set<(mayBegin: boolean) => void>;
}

/** A gate that nobody has passed. */
export function createGate(): Gate {
  const endpoints = new Map<string, Endpoint>();

  const fits = ({ active, isFailing }: Endpoint): boolean =>
    active < (isFailing ? AT_ONCE_FAILING : AT_ONCE);

  const turn = (endpoint: Endpoint): Promise<boolean> =>
    new Promise((resolve) => {
      const settle = (mayBegin: boolean): void => {
        clearTimeout(timer);
        endpoint.waiting.delete(settle);
        if (mayBegin) endpoint.active++;
        resolve(mayBegin);
      };
      const timer = setTimeout(() => settle(false), WAIT_MS);
      endpoint.waiting.add(settle);
    });

  return {
    async enter(name) {
      const known = endpoints.get(name);
      const endpoint = known ?? { active: 0, isFailing: false, waiting: new Set() };
      endpoints.set(name, endpoint);
      if (fits(endpoint)) {
        endpoint.active++;
        return true;
      }
      const most = endpoint.isFailing ? WAITING_FAILING : WAITING;
      return endpoint.waiting.size < most && (await turn(endpoint));
    },
    leave(name, hasFailed) {
      const endpoint = endpoints.get(name);
      if (endpoint === undefined) return;
      endpoint.active--;
      endpoint.isFailing = hasFailed;
      for (const settle of endpoint.waiting) if (fits(endpoint)) settle(true);
      if (endpoint.active === 0 && !endpoint.isFailing) endpoints.delete(name);
    },
  };
}
