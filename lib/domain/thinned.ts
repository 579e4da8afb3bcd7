/**
 * Returns the places of at most so many of ascending numbers: the first, the last, and between them those nearest to
 * evenly spaced ones.
 *
 * @param most - from 2
 */
export function thinned(numbers: readonly number[], most: number): readonly number[] {
  const last = numbers.length - 1;
  if (last < most) return [...numbers.keys()];
  const at = (place: number): number => numbers[place] ?? 0;
  const places = new Set<number>();
  let place = 0;
  for (let i = 0; i < most; i++) {
    const share = i / (most - 1);
    const wanted = at(0) * (1 - share) + at(last) * share;
    while (place < last && Math.abs(at(place + 1) - wanted) <= Math.abs(at(place) - wanted))
      place++;
    places.add(place);
  }
  return [...places.add(last)];
}
