import { stripVTControlCharacters } from 'node:util';

/** The last lines of some output, never more than a number of bytes. */
export interface Tail {
  push(line: string): void;
  text(): string;
}

/** Returns the last `bytesMax` bytes of a text, cut at the beginning of a character. */
export function lastBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  let start = bytes.length - bytesMax;
  // Bytes 10xxxxxx continue a character.
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start).toString();
}

/** Control characters but tab and line break: they would garble a message. */
const CONTROL = /[^\P{Cc}\t\n]/gu;

/** Keeps the last lines of some output in at most `bytesMax` bytes of UTF-8, colours left out. */
export function createTail(bytesMax: number): Tail {
  let lines: string[] = [];
  let bytes = 0;
  return {
    push(line) {
      const clean = stripVTControlCharacters(line).replace(CONTROL, '');
      const kept = lastBytes(clean, bytesMax);
      // What came before a line that fills it all is out of reach.
      if (kept !== clean) lines = [];
      lines.push(kept);
      bytes += Buffer.byteLength(kept) + 1;
      // Dropped in bulk, so that a line costs a constant on average.
      if (bytes <= 2 * bytesMax + 2) return;
      lines = [lastBytes(lines.join('\n'), bytesMax)];
      bytes = bytesMax + 1;
    },
    text: () => lastBytes(lines.join('\n'), bytesMax),
  };
}
