import { LIMITS } from './limits.ts';
import type { Result } from './result.ts';
import { err, ok } from './result.ts';
import type { WebhookPolicy } from './webhook-address.ts';
import { isIpAddress, whyRefused } from './webhook-address.ts';

/** Ports of https, as the URL standard writes them: 443 is left out. */
const PORTS = ['', '8443'];
const HOST_CHARACTERS = 253;
const LABEL_CHARACTERS = 63;

/** Names at which clouds answer with credentials, and all below them: refused on a laptop as well. */
const METADATA_NAMES = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
];
/** Names that mean something inside one network only, and all below them. */
const PRIVATE_NAMES = ['localhost', 'localdomain', 'local', 'internal', 'home.arpa'];

const isBelow = (host: string, names: readonly string[]): boolean =>
  names.some((name) => host === name || host.endsWith(`.${name}`));

/** Returns a URL's host without the brackets of IPv6 and without the dot that ends an absolute name. */
export const hostOf = ({ hostname }: URL): string =>
  hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** What is wrong with a host that is a name, or null. */
function refusedName(host: string, { allowPrivate }: WebhookPolicy): string | null {
  const labels = host.split('.');
  const isTooLong =
    host.length > HOST_CHARACTERS || labels.some((label) => label.length > LABEL_CHARACTERS);
  if (isTooLong || labels.includes('')) {
    return `The host is no name that DNS could know: labels of 1 to ${LABEL_CHARACTERS} characters, at most ${HOST_CHARACTERS} in all.`;
  }
  if (isBelow(host, METADATA_NAMES)) {
    return `The host ${host} is the metadata service of a cloud, which hands out credentials. Use a host of your own.`;
  }
  if (allowPrivate) return null;
  if (isBelow(host, PRIVATE_NAMES) || labels.length === 1) {
    return `The host ${host} is a name of one network only. Use one that the whole internet can look up, such as hooks.example.com.`;
  }
  return null;
}

function refusedHost(host: string, policy: WebhookPolicy): string | null {
  if (!isIpAddress(host)) return refusedName(host, policy);
  const why = whyRefused(host, policy);
  return why === null
    ? null
    : `${host} is ${why}. Use an address that the whole internet can reach.`;
}

/**
 * Each says what is wrong with a URL and what is allowed, or nothing. None repeats the URL: it may have a secret in its
 * path or in its credentials.
 */
const RULES: readonly ((url: URL, policy: WebhookPolicy) => string | null)[] = [
  ({ protocol }, { allowPrivate }) =>
    protocol === 'https:' || (allowPrivate && protocol === 'http:')
      ? null
      : `The URL begins with ${protocol.slice(0, LABEL_CHARACTERS)}//, a webhook's begins with https:// ${allowPrivate ? 'or http://' : 'only'}.`,
  ({ username, password }) =>
    username === '' && password === ''
      ? null
      : 'The URL has credentials before an @. Leave them out: the signature proves who sends, and a path may hold a token.',
  ({ port }, { allowPrivate }) =>
    allowPrivate || PORTS.includes(port)
      ? null
      : `The URL has the port ${port}, allowed are 443, which may be left out, and 8443.`,
  (url, policy) => refusedHost(hostOf(url), policy),
];

/** What is wrong with the text before anybody parses it, or null. */
function refusedText(text: string): string | null {
  const max = LIMITS.webhookUrlCharacters;
  if (text.length > max)
    return `The URL has ${text.length} characters, at most ${max} are allowed.`;
  // Parsers leave them out or turn them round, and not all of them the same way.
  if (/[\s\p{Cc}\\]/u.test(text)) {
    return 'The URL has a space, a control character or a backslash in it. Write them percent-encoded.';
  }
  if (text.includes('#')) return 'The URL has a fragment (#…), which is never sent. Leave it out.';
  return null;
}

/**
 * Returns the URL to which a webhook may be sent, as the URL standard writes it and without the dot at the end of an
 * absolute name; or else, as the fault, sentences that say what is wrong with it and what is allowed. Whatever the host
 * resolves to is for whoever connects to check.
 */
export function checkWebhookUrl(text: string, policy: WebhookPolicy): Result<URL, string> {
  const refused = refusedText(text);
  if (refused !== null) return err(refused);
  const url = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text) ? URL.parse(text) : null;
  if (url === null) {
    return err('This is no absolute URL with a host, such as https://hooks.example.com/rungwise.');
  }
  for (const rule of RULES) {
    const mistake = rule(url, policy);
    if (mistake !== null) return err(mistake);
  }
  if (url.hostname.endsWith('.')) url.hostname = hostOf(url);
  if (url.href.length > LIMITS.webhookUrlCharacters) {
    return err(
      `The URL has ${url.href.length} characters once it is percent-encoded, at most ${LIMITS.webhookUrlCharacters} are allowed.`,
    );
  }
  return ok(url);
}
