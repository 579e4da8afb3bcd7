import type { IPv4, IPv6 } from 'ipaddr.js';
import ipaddr from 'ipaddr.js';

/*
 * Which IP addresses the service may send to on somebody's behalf. It stands inside a network that trusts it, so only
 * what everybody on the internet can reach is allowed, whichever way an address is spelled or wrapped into another one.
 */

/** Where webhooks may go. */
export interface WebhookPolicy {
  /** True on a laptop whose owner wants it: http, any port, private and loopback addresses. Never metadata. */
  readonly allowPrivate: boolean;
}

interface Range {
  readonly cidrs: readonly string[];
  /** Ends the sentence "ADDRESS is …". */
  readonly is: string;
  /** True for the networks that `allowPrivate` opens. */
  readonly isPrivate?: true;
  /** True where the last 32 bits are an IPv4 address to which the packets go: that one decides. */
  readonly wraps?: true;
}

const METADATA = 'the metadata address of a cloud, which hands out credentials';
const TRANSITION = 'a transition address, behind which there may be any IPv4 address';

/** The first range that has the address says what it is. */
const RANGES: readonly Range[] = [
  {
    is: METADATA,
    cidrs: [
      // AWS, Azure, Google and others; credentials of ECS tasks and of EKS pods.
      '169.254.169.254/32',
      '169.254.170.2/32',
      '169.254.170.23/32',
      'fd00:ec2::/32',
      'fd20:ce::254/128',
      // Alibaba, Azure's host, Oracle, Scaleway.
      '100.100.100.200/32',
      '168.63.129.16/32',
      '192.0.0.192/32',
      'fd00:c1::a9fe:a9fe/128',
      'fd00:42::42/128',
    ],
  },
  { is: 'a loopback address', cidrs: ['127.0.0.0/8', '::1/128'], isPrivate: true },
  {
    is: 'a private address',
    cidrs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
    isPrivate: true,
  },
  { is: 'a unique-local address', cidrs: ['fc00::/7'], isPrivate: true },
  {
    is: 'an address shared by the customers of a network',
    cidrs: ['100.64.0.0/10'],
    isPrivate: true,
  },
  { is: 'an unspecified address', cidrs: ['0.0.0.0/8', '::/128'] },
  { is: 'a link-local address', cidrs: ['169.254.0.0/16', 'fe80::/10'] },
  { is: 'a site-local address', cidrs: ['fec0::/10'] },
  { is: 'the broadcast address', cidrs: ['255.255.255.255/32'] },
  { is: 'a multicast address', cidrs: ['224.0.0.0/4', 'ff00::/8'] },
  {
    is: 'an address for documentation',
    cidrs: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  },
  { is: 'an address for benchmarks', cidrs: ['198.18.0.0/15', '2001:2::/48'] },
  // IPv4-mapped, and the well-known prefix of NAT64, through which hosts without IPv4 reach all of it.
  { is: 'an IPv4 address', cidrs: ['::ffff:0:0/96', '64:ff9b::/96'], wraps: true },
  {
    is: TRANSITION,
    // IPv4-compatible, IPv4-translated, NAT64 of one network, 6to4 with its relays, Teredo.
    cidrs: [
      '::/96',
      '::ffff:0:0:0/96',
      '64:ff9b:1::/48',
      '2002::/16',
      '192.88.99.0/24',
      '2001::/32',
    ],
  },
  {
    is: 'a reserved address',
    // Protocol assignments, AS112, AMT, class E.
    cidrs: [
      '192.0.0.0/24',
      '192.31.196.0/24',
      '192.52.193.0/24',
      '192.175.48.0/24',
      '240.0.0.0/4',
      '2001::/23',
      '2620:4f:8000::/48',
    ],
  },
];

const BLOCKS = RANGES.flatMap((range) =>
  range.cidrs.map((cidr) => ({ range, block: ipaddr.parseCIDR(cidr) })),
);
/** All of IPv6 that has been given to the internet so far. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');
/** Where an IPv4 address begins in the bytes of the IPv6 address that wraps it. */
const WRAPPED_AT = 12;

const isIn = (address: IPv4 | IPv6, block: readonly [IPv4 | IPv6, number]): boolean =>
  address.kind() === block[0].kind() && address.match(block[0], block[1]);

/** What a parsed address is that may not be connected to, or null. */
function refusedAs(address: IPv4 | IPv6, policy: WebhookPolicy): string | null {
  const range = BLOCKS.find(({ block }) => isIn(address, block))?.range;
  if (range === undefined) {
    return address.kind() === 'ipv4' || isIn(address, GLOBAL_IPV6) ? null : 'a reserved address';
  }
  if (range.wraps === true) {
    const wrapped = ipaddr.fromByteArray(address.toByteArray().slice(WRAPPED_AT));
    const why = refusedAs(wrapped, policy);
    return why === null ? null : `${wrapped.toString()} in IPv6, which is ${why}`;
  }
  return range.isPrivate === true && policy.allowPrivate ? null : range.is;
}

/**
 * Says why nothing may be sent to an IP address, as the end of the sentence "ADDRESS is …", or returns null.
 *
 * @param text - as a resolver or a parsed URL has it, IPv6 without brackets; anything else is refused
 *
 * *Source* the special-purpose address registries of IANA; RFC 6890, 6052, 8215, 4291.
 */
export function whyRefused(text: string, policy: WebhookPolicy): string | null {
  // An address with a zone is one of this machine's own network.
  const isAddress =
    ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && !text.includes('%'));
  return isAddress ? refusedAs(ipaddr.parse(text), policy) : 'no IP address';
}

/** True for text that is an IP address, IPv6 without brackets. */
export const isIpAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
