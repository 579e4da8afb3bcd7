import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The local service in a process of its own, with a data folder that goes with it. */
export interface Service {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => void;
}

/** Starts `rungwise serve` of these sources and waits until it listens. */
export async function startService(sources: string): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-search-'));
  const child = spawn(
    process.execPath,
    [...process.execArgv, join(sources, 'cli/main.ts'), 'serve', '--port', '0', '--data', folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const stop = (): void => {
    process.off('exit', stop);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stop);
  for await (const line of createInterface(child.stdout)) {
    const url = /^listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined && child.pid !== undefined) return { url, pid: child.pid, stop };
  }
  throw new Error('the service ended before it listened');
}
