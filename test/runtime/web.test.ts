import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startService } from '../helpers/service.ts';
import { requestText, sendBytes } from '../helpers/socket.ts';

const service = await startService();
after(service.close);

const page = await (await fetch(service.url)).text();
const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);

describe('the dashboard', () => {
  for (const path of [
    '/',
    '/new',
    '/keys',
    '/webhooks',
    '/webhooks/whk_x',
    '/groups/grp_x',
    '/groups/grp_x/experiments/1?tab=a',
  ]) {
    test(`${path} answers the page, which is asked for anew each time`, async () => {
      const answer = await service.request('GET', path);

      assert.equal(answer.text, page);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    });
  }

  test('nothing runs in the page but files of the service', async () => {
    const { headers } = await service.request('GET', '/');

    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(page, /<script(?![^>]*src="\/assets\/)|<style|\son\w+=/);
  });

  test('the files of the page are there, for ever', async () => {
    assert.ok(assets.length >= 2);
    for (const path of assets) {
      const { status, headers } = await fetch(service.url + path);

      assert.equal(status, 200);
      const type = path.endsWith('.css') ? 'text/css' : 'text/javascript';
      assert.equal(headers.get('content-type'), `${type}; charset=utf-8`);
      assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    }
  });

  test('the files of the page are packed for whoever can unpack them', async () => {
    for (const path of assets) {
      const plain = await fetch(service.url + path, { headers: { 'accept-encoding': 'identity' } });
      const packed = await fetch(service.url + path, { headers: { 'accept-encoding': 'gzip' } });

      assert.equal(plain.headers.get('content-encoding'), null);
      assert.equal(packed.headers.get('content-encoding'), 'gzip');
      assert.equal(packed.headers.get('vary'), 'accept-encoding');
      assert.equal(await packed.text(), await plain.text());
    }
  });

  test('no file outside of the bundle can be had', async () => {
    for (const name of ['nothing.js', '..%2Findex.html', '.stamp', '..%2F..%2F..%2Fpackage.json']) {
      const { status, problem } = await service.request('GET', `/assets/${name}`);

      assert.equal(status, 404);
      assert.equal(problem?.code, 'route_not_found');
    }
  });

  test('a page of somebody else cannot pass for it under another name', async () => {
    const text = requestText('GET / HTTP/1.1', { host: 'evil.example' });

    const answer = await sendBytes(service.url, text);

    assert.equal(answer?.status, 403);
  });
});
