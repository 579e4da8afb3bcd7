import { styleText } from 'node:util';

/** Styles in use: colours carry no meaning of their own. */
export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Where a command shows things to people. */
export interface Screen {
  write(text: string): void;
  /** Characters in a line; null where it is no terminal. */
  columns(): number | null;
  /** Lines of the terminal. */
  rows(): number;
  /** The text in a style, where the terminal knows colours and nobody asked for none. */
  paint(style: Style, text: string): string;
  onResize(listener: () => void): void;
}

const ROWS = 24;
const COLUMNS = 80;

/** Standard output as a screen. */
export const stdout: Screen = {
  write: (text) => {
    process.stdout.write(text);
  },
  columns: () => (process.stdout.isTTY ? process.stdout.columns || COLUMNS : null),
  rows: () => process.stdout.rows || ROWS,
  paint: (style, text) => styleText(style, text, { stream: process.stdout }),
  onResize: (listener) => {
    process.stdout.on('resize', listener);
  },
};

/** Writes a line to standard output. */
export const print = (line: string): void => stdout.write(`${line}\n`);

/** Writes a value to standard output as one line of JSON. */
export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** Tells something besides the result, on standard error. */
export const say = (line: string): void => {
  process.stderr.write(`rungwise: ${line}\n`);
};
