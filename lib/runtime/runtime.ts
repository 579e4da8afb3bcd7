import type { Scope } from '../domain/api-key.ts';
import type { Call, Ports } from '../service/ports.ts';
import type { Meter } from './meter.ts';

/** What a caller may do. */
export type Principal =
  /** A key of the team, or anybody where no key is needed. */
  | {
      readonly kind: 'team';
      readonly scopes: ReadonlySet<Scope>;
      /** Id of the key; null where none is needed. */
      readonly key: string | null;
    }
  /** The holder of one experiment's lease: may report on that experiment only. */
  | { readonly kind: 'experiment'; readonly token: string };

export interface Logger {
  readonly error: (message: string, more: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, more: Readonly<Record<string, unknown>>) => void;
  readonly info: (message: string, more: Readonly<Record<string, unknown>>) => void;
}

/** Everything that differs between the cloud and a laptop. */
export interface Runtime {
  readonly ports: Ports;
  readonly logger: Logger;
  /** Counts what the metrics tell; the line of a call or a pass takes it along. */
  readonly meter: Meter;
  /** Tells who sends this bearer token (null: none was sent); null where nobody valid does. */
  readonly authenticate: (token: string | null) => Promise<Principal | null>;
  /** Names this process where only one can run on the store at a time; else null. */
  readonly instance: string | null;
  /** Settles time and ids of a request. */
  readonly call: () => Call;
}
