import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../lib/domain/limits.ts';
import { checkWebhookUrl } from '../../lib/domain/webhook-url.ts';
import { URLS } from '../events/webhooks/urls.ts';

const CLOUD = { allowPrivate: false };
const LAPTOP = { allowPrivate: true };

/** Titles stay readable whatever is in the URL. */
const shown = (url: string): string => JSON.stringify(url.slice(0, 80));

describe('the URL of a webhook', () => {
  test('is told in many spellings, each once', () => {
    assert.ok(URLS.length >= 200);
    assert.equal(new Set(URLS.map(({ url }) => url)).size, URLS.length);
  });

  for (const { url, verdict, says } of URLS) {
    test(`${shown(url)} may be used ${verdict}`, () => {
      const inCloud = checkWebhookUrl(url, CLOUD);
      const onLaptop = checkWebhookUrl(url, LAPTOP);

      assert.equal(onLaptop.ok, verdict !== 'nowhere', JSON.stringify(onLaptop));
      assert.equal(inCloud.ok, verdict === 'everywhere', JSON.stringify(inCloud));
      if (inCloud.ok) assert.equal(inCloud.value.href, says);
      else assert.match(inCloud.fault, new RegExp(says));
    });
  }

  test('may be as long as the limit, not longer', () => {
    const start = 'https://hooks.example.com/';
    const ofLength = (length: number): string => start + 'x'.repeat(length - start.length);

    assert.ok(checkWebhookUrl(ofLength(LIMITS.webhookUrlCharacters), CLOUD).ok);
    assert.ok(!checkWebhookUrl(ofLength(LIMITS.webhookUrlCharacters + 1), CLOUD).ok);
  });

  test('is not repeated by a mistake, since it may hold a secret', () => {
    for (const url of [
      'https://u:sesame@a.example.com/',
      'http://a.example.com/sesame',
      'https://10.1/sesame',
    ]) {
      const checked = checkWebhookUrl(url, CLOUD);

      assert.ok(!checked.ok && !checked.fault.includes('sesame'));
    }
  });

  test('that is allowed is still the same and allowed when it is read again', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, validSchemes: ['https'] }), (text) => {
        const once = checkWebhookUrl(text, CLOUD);
        fc.pre(once.ok);
        const twice = checkWebhookUrl(once.value.href, CLOUD);

        assert.ok(twice.ok && twice.value.href === once.value.href);
      }),
    );
  });

  test('is judged whatever the text is', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((host) => `https://${host}/`),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(text, (url) => {
        const checked = checkWebhookUrl(url, CLOUD);

        assert.equal(checked.ok ? checked.value.protocol : 'https:', 'https:');
      }),
    );
  });
});

/** Octets of addresses in the private and loopback networks, and of link-local ones. */
const privateOctets = fc.oneof(
  fc.tuple(fc.constantFrom(10, 127), fc.nat(255), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
  fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
);

/** How many octets each part of a spelling stands for: all in one number, two parts, three, four. */
const PARTS = [[4], [1, 3], [1, 1, 2], [1, 1, 1, 1]] as const;

const BASES: readonly ((part: number) => string)[] = [
  (part) => String(part),
  (part) => `0x${part.toString(16)}`,
  (part) => `0X000${part.toString(16).toUpperCase()}`,
  (part) => `0${part.toString(8)}`,
  (part) => `000${part.toString(8)}`,
];

const FONTS: readonly ((character: string) => string)[] = [
  (character) => character,
  (character) => `%${character.charCodeAt(0).toString(16)}`,
  // Full width.
  (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0),
];

/** Draws one spelling of an IPv4 address: parts, bases and characters each as they come. */
const spelling = fc
  .record({
    octets: privateOctets,
    parts: fc.constantFrom(...PARTS),
    bases: fc.array(fc.constantFrom(...BASES), { minLength: 4, maxLength: 4 }),
    fonts: fc.array(fc.constantFrom(...FONTS), { minLength: 64, maxLength: 64 }),
    dot: fc.constantFrom('', '.'),
  })
  .map(({ octets, parts, bases, fonts, dot }) => {
    let taken = 0;
    const numbers = parts.map((count, index) => {
      const part = octets.slice(taken, taken + count).reduce((sum, octet) => sum * 256 + octet, 0);
      taken += count;
      return bases[index]?.(part) ?? '';
    });
    return [...(numbers.join('.') + dot)].map((c, index) => fonts[index]?.(c) ?? c).join('');
  });

test('a private IPv4 address is refused however it is spelled', () => {
  fc.assert(
    fc.property(spelling, (host) => {
      const checked = checkWebhookUrl(`https://${host}/`, CLOUD);

      assert.ok(!checked.ok);
      assert.match(checked.fault, /is (a private|a loopback|a link-local|the metadata) address/);
    }),
    { numRuns: 2_000 },
  );
});
