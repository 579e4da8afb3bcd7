import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TOKENS } from '../../../../web/plots/options/palette.ts';

const CSS = readFileSync(join(import.meta.dirname, '../../../../web/styles/plots.css'), 'utf8');
const THEMES = ['light', 'dark'] as const;
const CONTRAST_MIN = 3;
/** Lines behind the marks, which say nothing of their own, and the ground itself. */
const QUIET = new Set(['ground', 'grid']);

const coloursIn = (theme: (typeof THEMES)[number]): ReadonlyMap<string, string> =>
  new Map(
    [...CSS.matchAll(/--plot-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
      ([, token = '', light = '', dark = '']) => [token, theme === 'light' ? light : dark],
    ),
  );

/** Relative luminance, by WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test('the style sheet has a colour for every name, and no other', () => {
  assert.deepEqual([...coloursIn('light').keys()].sort(), [...TOKENS].sort());
});

for (const theme of THEMES) {
  describe(`in the ${theme} theme`, () => {
    const colours = coloursIn(theme);
    for (const token of TOKENS.filter((name) => !QUIET.has(name))) {
      test(`${token} stands out from the ground`, () => {
        const ratio = contrast(colours.get(token) ?? '', colours.get('ground') ?? '');
        assert.ok(ratio >= CONTRAST_MIN, `${ratio.toFixed(2)} : 1`);
      });
    }
  });
}
