import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { isIpAddress, whyRefused } from '../../lib/domain/webhook-address.ts';

const CLOUD = { allowPrivate: false };
const LAPTOP = { allowPrivate: true };

/** Special ranges in which an IPv4 address decides. */
const WRAPPERS = ['ipv4Mapped', 'rfc6052'];

test('an IPv4 address is allowed exactly where the IP library knows nothing special of it', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      fc.pre(whyRefused(address, CLOUD) !== whyRefused('169.254.169.254', CLOUD));

      assert.equal(
        whyRefused(address, CLOUD) === null,
        ipaddr.IPv4.parse(address).range() === 'unicast',
      );
    }),
    { numRuns: 5_000 },
  );
});

test('an IPv6 address is allowed exactly where it is global and the IP library knows nothing special of it', () => {
  const start = fc.constantFrom(
    '',
    '2001:',
    '2001:0:',
    '2002:',
    '2620:4f:8000:',
    'fd00:',
    'fe80:',
    '100:',
    '3fff:',
  );
  const tail = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(start, tail, (first, groups) => {
      const given = first.split(':').length - 1;
      const rest = groups.slice(given).map((group) => group.toString(16));
      const address = first + rest.join(':');
      const range = ipaddr.IPv6.parse(address).range();
      fc.pre(!WRAPPERS.includes(range));

      const isGlobal = /^[23][0-9a-f]{3}:/.test(address);
      assert.equal(whyRefused(address, CLOUD) === null, range === 'unicast' && isGlobal);
    }),
    { numRuns: 5_000 },
  );
});

test('an IPv4 address wrapped in IPv6 is judged as it is bare', () => {
  const prefix = fc.constantFrom('::ffff:', '64:ff9b::');
  fc.assert(
    fc.property(prefix, fc.ipV4(), fc.boolean(), (wrapper, address, allowPrivate) => {
      const bare = whyRefused(address, { allowPrivate });
      const wrapped = whyRefused(wrapper + address, { allowPrivate });

      assert.equal(wrapped === null, bare === null);
      assert.ok(wrapped === null || wrapped.endsWith(`in IPv6, which is ${bare}`));
    }),
    { numRuns: 2_000 },
  );
});

test('what a laptop allows besides is private, and a cloud refuses it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      fc.pre(whyRefused(address, CLOUD) === null);

      assert.equal(whyRefused(address, LAPTOP), null);
    }),
  );
});

for (const text of [
  '',
  'localhost',
  '127.1',
  '0x7f.0.0.1',
  '010.0.0.1',
  '[::1]',
  'fe80::1%eth0',
  '::1%1',
  '1.2.3.4 ',
]) {
  test(`${JSON.stringify(text)} from a resolver is no address, so nothing is sent there`, () => {
    assert.equal(whyRefused(text, LAPTOP), 'no IP address');
  });
}

test('a host is an address where it is written as one', () => {
  assert.ok(isIpAddress('8.8.8.8') && isIpAddress('::1'));
  assert.ok(!isIpAddress('8.8.8') && !isIpAddress('example.com') && !isIpAddress('[::1]'));
});
