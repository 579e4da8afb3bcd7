import { once } from 'node:events';
import { relative } from 'node:path';
import { listenForInterrupts } from '../agent/interrupts.ts';
import { DEFAULT_FOLDER } from '../connect.ts';
import { serveFolder } from '../embedded.ts';
import { EXIT } from '../failure.ts';
import { print, printJson, say } from '../show/screen.ts';

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly allowPrivateWebhooks?: boolean;
}

/** Serves the data folder until it is told to end. */
export async function serve(options: ServeOptions): Promise<number> {
  const { host, port, data: folder = DEFAULT_FOLDER, allowPrivateWebhooks } = options;
  const interrupts = listenForInterrupts();
  const { url, close } = await serveFolder({ folder, host, port, allowPrivateWebhooks });
  if (options.json === true) {
    printJson({ url, data: folder });
  } else {
    print(`listening on ${url}`);
    print(`dashboard at ${url}/`);
    print(`data in ${relative('', folder) || '.'}; Ctrl-C ends it, everything is kept`);
    print(`next: rungwise run examples/digits/polyaxonfile.yml --server ${url}`);
  }
  if (!interrupts.soft.aborted) await once(interrupts.soft, 'abort');
  say('closing');
  await close();
  return EXIT.done;
}
