import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';

/*
 * What the commands have in common: their options, and the form of their help.
 */

/** Reads a whole number within bounds. */
export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** Options of every command that talks to a service. */
export const withService = (command: Command): Command =>
  command
    .addOption(
      new Option('--server <url>', 'service to use, such as http://127.0.0.1:8080').env(
        'RUNGWISE_URL',
      ),
    )
    .addOption(
      new Option('--key <key>', 'key of the service, where it wants one').env('RUNGWISE_KEY'),
    )
    .option('--data <folder>', 'data folder to use where no server is named (default: .rungwise)')
    .option('--json', 'print JSON, one object a line');

/** The option of commands that may serve a data folder for a while, and send what its webhooks are told. */
export const withSending = (command: Command): Command =>
  command.option(
    '--allow-private-webhooks',
    'let webhooks go to http and private addresses (or RUNGWISE_ALLOW_PRIVATE_WEBHOOKS=1)',
  );

/** Examples as they stand at the end of a help text. */
export const example = (...lines: readonly string[]): string =>
  `\nExample${lines.length === 1 ? '' : 's'}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
