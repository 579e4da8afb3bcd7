import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why no certificates can be made here, or false: `skip` of a test takes it. */
export const certificatesMissing: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'there is no openssl here';

/** A certificate with its key, as PEM text. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of a test's own. */
export interface Authority {
  readonly cert: string;
  /** Signs a certificate for a list of names such as `DNS:hooks.example.com,IP:127.0.0.1`. */
  readonly issue: (names: string) => Certificate;
  /** A certificate for such names that nobody has signed. */
  readonly selfSigned: (names: string) => Certificate;
  readonly close: () => void;
}

/** Makes an authority, valid for a day, in a temporary folder. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-ca-'));
  let count = 0;

  function make(
    subject: string,
    more: readonly string[],
  ): Certificate & { readonly args: string[] } {
    const [key, cert] = [join(folder, `${count}.key`), join(folder, `${count++}.pem`)];
    const kind = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ];
    const files = ['-subj', subject, '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...more], { stdio: 'pipe' });
    const read = (file: string): string => readFileSync(file, 'utf8');
    return { cert: read(cert), key: read(key), args: ['-CA', cert, '-CAkey', key] };
  }

  const leaf = (names: string): string[] => [
    '-addext',
    `subjectAltName=${names}`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ];
  const root = make('/CN=An authority of the tests', []);
  return {
    cert: root.cert,
    issue: (names) => make('/CN=endpoint', [...root.args, ...leaf(names)]),
    selfSigned: (names) => make('/CN=endpoint', leaf(names)),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
