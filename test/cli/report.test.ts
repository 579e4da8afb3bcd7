import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { html } from '../../cli/report/html.ts';
import { documentOf, runCli, temporaryFolder, training, writeDocument } from './helpers.ts';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&';

/** Runs a small Hyperband and returns the text of its report. */
async function reportOf(t: TestContext, more: object): Promise<string> {
  const folder = temporaryFolder(t);
  const document = writeDocument(folder, {
    version: 1,
    kind: 'group',
    ...more,
    hptuning: {
      seed: 1,
      concurrency: 4,
      hyperband: {
        max_iter: 9,
        eta: 3,
        resource: { name: 'epochs', type: 'int' },
        metric: { name: 'loss', optimization: 'minimize' },
      },
      matrix: {
        lr: { loguniform: [-9, 0] },
        momentum: { uniform: [0, 1] },
        layers: { values: [HOSTILE, 'two'] },
      },
    },
    run: { cmd: training('steps', '{{ epochs }}', '{{ lr }}') },
  });
  assert.equal((await runCli(t, folder, ['run', document])).code, 0);
  const args = ['export', 'latest', '--format', 'html', '-o', 'report.html'];
  const { code, stderr } = await runCli(t, folder, args);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /wrote a report on grp_/);
  return readFileSync(join(folder, 'report.html'), 'utf8');
}

const ELEMENT = /<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>/gi;

/** Reads text that must be HTML of well-nested elements; returns their names and those of their attributes. */
function elementsOf(text: string): {
  readonly names: Set<string>;
  readonly attributes: Set<string>;
} {
  const body = text.replace(/^<!doctype html>/, '').replace(/<style>.*?<\/style>/s, '');
  const [names, attributes] = [new Set<string>(), new Set<string>()];
  const open: string[] = [];
  const elements = [...body.matchAll(ELEMENT)];
  for (const [, end, name = '', inside = '', empty] of elements) {
    names.add(name);
    for (const [, attribute = ''] of inside.matchAll(/([\w:-]+)="/g)) attributes.add(attribute);
    if (end === '/') assert.equal(open.pop(), name);
    else if (name !== 'meta' && empty !== '/') open.push(name);
  }
  assert.deepEqual(open, []);
  assert.equal(body.match(/[<>]/g)?.length, 2 * elements.length, 'every bracket is of an element');
  return { names, attributes };
}

test('a report has every plot, loads nothing, and takes no name for markup', async (t) => {
  const text = await reportOf(t, {
    name: HOSTILE,
    description: '</style><script>alert(2)</script>',
    tags: [HOSTILE],
  });

  const { names, attributes } = elementsOf(text);
  const loading = ['script', 'img', 'link', 'iframe', 'object', 'embed', 'image', 'use', 'a'];
  assert.deepEqual(
    loading.filter((name) => names.has(name)),
    [],
  );
  assert.deepEqual(
    [...attributes].filter((name) => /^on|^src|href$/.test(name)),
    [],
  );
  const headings = [...text.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
  assert.deepEqual(headings, [
    'Best values',
    'Best so far',
    'All values at once',
    'Importance of the parameters',
    'Surrogate over two parameters',
    'Brackets and rungs',
    'Learning curves of the best',
    'lr and the metric',
    'momentum and the metric',
    'layers and the metric',
    'Best experiments',
    'Document',
  ]);
  assert.equal(text.match(/<svg /g)?.length, 9);
  assert.equal(text.match(/<figcaption /g)?.length, 9);
  // Names of namespaces are no addresses that anything is read from.
  const urls = [...text.matchAll(/https?:\/\/[^"\s<]+/g)].map(([url]) => url);
  assert.deepEqual([...new Set(urls)].sort(), [
    'http://www.w3.org/1999/xlink',
    'http://www.w3.org/2000/svg',
  ]);
  assert.ok(text.includes('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;'));
  assert.match(text, /<caption>\d+ of \d+ that can be compared, best first<\/caption>/);
});

test('a report on a search without a metric says what it cannot draw', async (t) => {
  const folder = temporaryFolder(t);
  const document = writeDocument(folder, {
    ...documentOf(training('steps', '1')),
    hptuning: { seed: 1, random_search: { n_experiments: 2 }, matrix: { lr: { uniform: [0, 1] } } },
  });
  assert.equal((await runCli(t, folder, ['run', document])).code, 0);

  const { code, stdout } = await runCli(t, folder, ['export', 'latest', '--format', 'html']);

  assert.equal(code, 0);
  elementsOf(stdout);
  assert.match(stdout, /The document names no metric to compare by\./);
});

describe('a template of HTML', () => {
  test('escapes what is put into it, but not what came out of one', () => {
    const inner = html`<b>${'<&>'}</b>`;

    assert.equal(
      html`<p title="${'"\''}">${inner}${[inner]}${1}</p>`.markup,
      '<p title="&quot;&#39;"><b>&lt;&amp;&gt;</b><b>&lt;&amp;&gt;</b>1</p>',
    );
  });
});
