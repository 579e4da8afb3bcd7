/**
 * The longest that any hostile input keeps the local service busy: each is sent several times over HTTP, and the slowest
 * answer counts. The limit is one second.
 */
import { startLocalServer } from '../cli/local-server.ts';
import { createLocalRuntime } from '../lib/runtime/local.ts';

const LIMIT_MS = 1000;
const ROUNDS = 3;
const KIB = 1024;

interface Attack {
  readonly name: string;
  readonly type: 'application/json' | 'application/yaml';
  readonly body: string;
}

const matrix = (inside: string): string =>
  `{"version":1,"kind":"group","hptuning":{"matrix":${inside}}}`;

const filled = (unit: string, kib = 255): string =>
  unit.repeat(Math.floor((kib * KIB) / unit.length));

const keys = (count: number): string =>
  Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',');

const ATTACKS: readonly Attack[] = [
  ...Object.entries({
    'deep arrays': filled('['),
    'deep maps': filled('{"a":'),
    'unknown keys': `{${keys(20_000)}}`,
    'unknown parameters': matrix(`{${keys(20_000)}}`),
    'a list of 100,000 values': matrix(`{"a":{"values":[${filled('1,', 190)}1]}}`),
    'a list of wrong items': matrix(`{"a":{"values":[${filled('null,', 200)}null]}}`),
    'a grid of 10^12 cells': matrix(
      `{${['a', 'b', 'c', 'd'].map((name) => `"${name}":{"range":[0,1000,1]}`).join(',')}}`,
    ),
    'a range of 10^600 points': matrix('{"a":{"range":[0,1e300,1e-300]}}'),
    'a random search that exhausts its space': `{"version":1,"kind":"group","hptuning":{"random_search":{"n_experiments":1000000},"matrix":{"a":{"quniform":[0,1000000,1]}}}}`,
    'a command of braces': `{"version":1,"kind":"group","hptuning":{"matrix":{"a":{"values":[1]}}},"run":{"cmd":"${filled('{{', 250)}"}}`,
    'a command of filters': `{"version":1,"kind":"group","hptuning":{"matrix":{"a":{"values":[1]}}},"run":{"cmd":"{{ a ${filled('| int ', 250)} }}"}}`,
    'a long word': `{"${filled('x', 250)}":1}`,
    'long numbers': matrix(`{"a":{"values":[${filled('9', 250)}]}}`),
    escapes: matrix(`{"a":{"values":["${filled('\\u0041', 250)}"]}}`),
  }).map(([name, body]): Attack => ({ name: `JSON: ${name}`, type: 'application/json', body })),
  ...Object.entries({
    'deep flow lists': filled('['),
    'deep block maps': Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    'aliases that explode': `${Array.from(
      { length: 30 },
      (_, i) =>
        `a${i}: &a${i} [${
          i === 0
            ? '1'
            : Array(9)
                .fill(`*a${i - 1}`)
                .join(',')
        }]`,
    ).join('\n')}\n`,
    'many anchors': filled('- &a 1\n'),
    'many aliases': `- &a 1\n${filled('- *a\n')}`,
    quotes: filled('"'),
    'single quotes': filled("'"),
    'many documents': filled('---\n'),
    tags: filled('!!x '),
    comments: filled('#\n'),
    tabs: filled('\t'),
    colons: filled(': '),
    'question marks': filled('? '),
    dashes: filled('- '),
    'block scalars': filled('a: |\n'),
    'many keys': Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'),
    'duplicate keys': filled('a: 1\n'),
  }).map(([name, body]): Attack => ({ name: `YAML: ${name}`, type: 'application/yaml', body })),
];

const runtime = createLocalRuntime({
  folder: null,
  logger: { error: console.error, warn: console.warn, info() {} },
});
const server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
let slow = 0;
console.log(`   ms  status  input (the slowest of ${ROUNDS}; the limit is ${LIMIT_MS} ms)`);
for (const { name, type, body } of ATTACKS) {
  let worst = 0;
  let status = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const answer = await fetch(`${server.url}/v1/groups`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    const text = await answer.text();
    status = answer.status;
    if (status === 201) {
      const created: { readonly id: string } = JSON.parse(text);
      const suggested = await fetch(`${server.url}/v1/groups/${created.id}/suggest`, {
        method: 'POST',
      });
      await suggested.text();
    }
    worst = Math.max(worst, performance.now() - start);
  }
  if (worst > LIMIT_MS || status >= 500) slow++;
  console.log(`${worst.toFixed(0).padStart(5)}  ${status}     ${name}`);
}
await server.close();
console.log(`${ATTACKS.length} inputs, ${slow} over the limit or answered with a 5xx`);
process.exitCode = slow === 0 ? 0 : 1;
