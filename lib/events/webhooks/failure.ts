/** Codes of Node and OpenSSL → what happened, for whoever runs the endpoint. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'the host has no address'],
  ['EAI_AGAIN', 'the host could not be looked up'],
  ['ECONNREFUSED', 'nobody listens at the port'],
  ['ECONNRESET', 'the connection was closed before the answer was complete'],
  ['EPIPE', 'the connection was closed before everything was sent'],
  ['ETIMEDOUT', 'nobody answered at the address'],
  ['EHOSTUNREACH', 'there is no way to the address'],
  ['ENETUNREACH', 'there is no way to the address'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another name'],
  ['CERT_HAS_EXPIRED', 'the certificate has expired'],
  ['CERT_NOT_YET_VALID', 'the certificate is not valid yet'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'no authority has signed the certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'no known authority has signed the certificate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'no known authority has signed the certificate'],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'no known authority has signed the certificate, or one in between is not sent along',
  ],
]);
const NOT_HTTP = 'HPE_';

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** Says in words why a connection came to nothing, with the code where there is one. */
export function describeFailure(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'the connection failed';
  const words = code.startsWith(NOT_HTTP) ? 'the answer is no proper HTTP' : WORDS.get(code);
  return `${words ?? 'the connection failed'} (${code})`;
}
