import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../failure.ts';

const HOST_CHARACTERS = 60;

const attempt = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** Six digits for the machine and its process numbers: containers can share a host name and not see each other. */
const machine = (): string =>
  createHash('sha256')
    .update(attempt(() => readFileSync('/etc/machine-id', 'utf8')))
    .update(attempt(() => readlinkSync('/proc/self/ns/pid')))
    .digest('hex')
    .slice(0, 6);

const prefix = (): string => {
  const host =
    hostname()
      .replaceAll(/[^A-Za-z0-9.-]/g, '')
      .slice(0, HOST_CHARACTERS) || 'host';
  return `${host}-${machine()}`;
};

/** Returns the worker name of one slot of this process: `host-machine-pid-slot`. */
export const workerName = (slot: number): string => `${prefix()}-${process.pid}-${slot}`;

/** Tells whether a worker's name is that of a process of this machine which is gone. */
export function isGone(worker: string): boolean {
  const own = `${prefix()}-`;
  if (!worker.startsWith(own)) return false;
  const pid = Number(/^(\d+)-\d+$/.exec(worker.slice(own.length))?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}
