import { once } from 'node:events';
import { relative } from 'node:path';
import { listenForInterrupts } from '../agent/interrupts.ts';
import { DEFAULT_FOLDER } from '../connect.ts';
import { serveFolder } from '../embedded.ts';
import { EXIT, Failure } from '../failure.ts';
import { isLoopback } from '../local-server.ts';
import { print, printJson, say } from '../show/screen.ts';

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** Serves the data folder until it is told to end. */
export async function serve(options: ServeOptions): Promise<number> {
  const { host, port, data: folder = DEFAULT_FOLDER } = options;
  if (!isLoopback(host)) {
    throw new Failure(
      `${host} can be reached from other machines, which demands keys, and this version has none yet: leave out --host, or name an address of this machine such as 127.0.0.1.`,
    );
  }
  const interrupts = listenForInterrupts();
  const { url, close } = await serveFolder({ folder, host, port });
  if (options.json === true) {
    printJson({ url, data: folder });
  } else {
    print(`listening on ${url}`);
    print(`data in ${relative('', folder) || '.'}; Ctrl-C ends it, everything is kept`);
    print(`next: rungwise run examples/digits/polyaxonfile.yml --server ${url}`);
  }
  if (!interrupts.soft.aborted) await once(interrupts.soft, 'abort');
  say('closing');
  await close();
  return EXIT.done;
}
