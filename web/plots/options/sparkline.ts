/** Returns the path of a line through values that are evenly apart, within a box, with a margin of a pixel. */
export function sparklinePath(
  values: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const x = (i: number): number => 1 + ((width - 2) * i) / Math.max(1, values.length - 1);
  const y = (value: number): number =>
    high > low ? 1 + ((height - 2) * (high - value)) / (high - low) : height / 2;
  return values
    .map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)},${y(value).toFixed(1)}`)
    .join('');
}
