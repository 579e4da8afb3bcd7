import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { HttpFunction, Place } from './http.ts';
import { openFunction } from './http.ts';
import type { Answer } from './problem.ts';

const ASSETS = '/assets/{file}';

/** The dashboard's addresses: everything but the assets answers the one page, which shows what its address says. */
export const PAGE_PATHS = [
  '/',
  '/new',
  '/keys',
  '/webhooks',
  '/webhooks/{webhook}',
  '/groups/{proxy+}',
] as const;

/** What the API hands to the dashboard. */
export const WEB_PLACES: readonly Place[] = [...PAGE_PATHS, ASSETS].map((path) => ({
  method: 'GET',
  path,
}));

/**
 * The page loads and calls nothing but its own service, nothing written into it runs, and nobody shows it in a frame.
 * Images may be made of data: the plots that are saved.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = { 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' } as const;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** A name that esbuild gives: it stays inside its folder. */
const ASSET = /^[\w-]+\.(?:js|css)$/;

async function bytesOf(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch {
    return null;
  }
}

const packed = promisify(gzip);

/** An asset, packed for whoever can unpack it: a third of the bytes. */
async function asset(folder: string, name: string, accepts: string): Promise<Answer | Fault> {
  const bytes = ASSET.test(name) ? await bytesOf(join(folder, 'assets', name)) : null;
  if (bytes === null) {
    const detail = 'The dashboard has no such file; it may have been replaced by a newer one.';
    return fault('route_not_found', detail);
  }
  const headers = {
    ...HEADERS,
    'content-type': MEDIA_TYPES[extname(name)] ?? '',
    // The name changes with the content.
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  };
  if (!/\bgzip\b/.test(accepts)) return { status: 200, headers, body: bytes.toString() };
  const body = (await packed(bytes)).toString('base64');
  return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body, isBase64: true };
}

/**
 * A Lambda function that answers the dashboard's page and the files of its bundle; it reads nothing else.
 *
 * @param folderOf - where index.html and assets/ lie
 */
export const webFunction = (folderOf: () => Promise<string>): HttpFunction => {
  let folder: Promise<string> | null = null;
  return openFunction(WEB_PLACES, async (event) => {
    folder ??= folderOf();
    if (event.routeKey === `GET ${ASSETS}`) {
      const name = event.pathParameters?.['file'] ?? '';
      return asset(await folder, name, event.headers['accept-encoding'] ?? '');
    }
    const body = await readFile(join(await folder, 'index.html'), 'utf8');
    return {
      status: 200,
      headers: { ...HEADERS, 'content-type': 'text/html; charset=utf-8' },
      body,
    };
  });
};
