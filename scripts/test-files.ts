import { globSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';

/** Tests that need more than Node: Python, an emulator of cloud services, a browser. */
const NEEDS_MORE = ['test/python', 'test/cloud', 'test/browser'];

/** Lists the project's test files, relative to its folder and with `/`, in alphabetical order. */
export const listTestFiles = (root: string): string[] =>
  globSync('test/**/*.test.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();

/**
 * Returns the test files to run: without `words` all that need nothing but Node, otherwise those
 * whose path contains one of the words. What needs more than Node runs only when it is named.
 *
 * @param words - parts of paths, or paths absolute or relative to `root`
 */
export function selectTestFiles(
  files: readonly string[],
  words: readonly string[],
  root: string,
): string[] {
  const parts = words.map((word) =>
    (isAbsolute(word) ? relative(root, word) : word).replaceAll('\\', '/').replace(/^\.\//, ''),
  );
  const named = (folder: string): boolean => parts.some((part) => part.startsWith(folder));
  const left = NEEDS_MORE.filter((folder) => !named(folder)).map((folder) => `${folder}/`);
  return files.filter(
    (file) =>
      !left.some((folder) => file.startsWith(folder)) &&
      (parts.length === 0 || parts.some((part) => file.includes(part))),
  );
}
