import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '../../../lib/contract/yaml.ts';
import { findingsOf, syntaxFinding } from '../../../web/editor/findings.ts';

const TEXT = `kind: gruop
hptuning:
  concurency: 2
run:
  cmd: python3 train.py --lr={{ rl }}
`;

const fixed = (path: string, suggestion: string): string | null => {
  const [{ fix } = { fix: null }] = findingsOf(TEXT, [{ path, message: '', suggestion }], 'error');
  return fix && TEXT.slice(0, fix.from) + fix.word + TEXT.slice(fix.to);
};

test('findings come from the top of the text down, each with its line', () => {
  const findings = findingsOf(
    TEXT,
    [
      { path: 'run.cmd', message: 'b' },
      { path: 'kind', message: 'a' },
    ],
    'warning',
  );

  assert.deepEqual(
    findings.map(({ line, column, message, severity }) => [line, column, message, severity]),
    [
      [1, 1, 'a', 'warning'],
      [5, 3, 'b', 'warning'],
    ],
  );
});

test('a suggestion replaces the word that was mistyped, be it the key or its value', () => {
  assert.equal(fixed('kind', 'group'), TEXT.replace('gruop', 'group'));
  assert.equal(
    fixed('hptuning.concurency', 'concurrency'),
    TEXT.replace('concurency', 'concurrency'),
  );
});

test('a suggestion that is like nothing at the place replaces nothing', () => {
  assert.equal(fixed('run.cmd', 'lr'), null);
});

test('a text that is no YAML has its finding where reading it ended', () => {
  const text = 'kind: group\nhptuning: {matrix: [}\n';
  const yaml = parseYaml(text);
  assert.ok(!yaml.ok);

  const { line, from, to, message } = syntaxFinding(text, yaml.fault);

  assert.equal(line, 2);
  assert.ok(from >= 12 && to <= text.length && from < to);
  assert.equal(message, yaml.fault.message);
});
