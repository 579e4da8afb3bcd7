import { lookup } from 'node:dns/promises';
import type { WebhookPolicy } from '../../domain/webhook-address.ts';
import { isIpAddress, whyRefused } from '../../domain/webhook-address.ts';

/** Returns the IP addresses of a host; rejects where it has none. */
export type Resolver = (host: string) => Promise<readonly string[]>;

/** Asks whatever this machine asks, its own table of hosts included. */
export const systemResolver: Resolver = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/** A host's addresses, sorted by whether anything may be sent to them. */
export interface Addresses {
  readonly allowed: readonly string[];
  /** Why not to the others: "ADDRESS is …". */
  readonly refused: readonly string[];
}

/** Returns the addresses of a host, IPv6 without brackets; one that is an address itself asks nobody. */
export async function resolveHost(
  host: string,
  policy: WebhookPolicy,
  resolver: Resolver,
): Promise<Addresses> {
  const addresses = isIpAddress(host) ? [host] : await resolver(host);
  const judged = addresses.map((address) => ({ address, why: whyRefused(address, policy) }));
  return {
    allowed: judged.filter(({ why }) => why === null).map(({ address }) => address),
    refused: judged
      .filter(({ why }) => why !== null)
      .map(({ address, why }) => `${address} is ${why}`),
  };
}
