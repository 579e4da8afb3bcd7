import { dirname, join } from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import type { AssetCode } from 'aws-cdk-lib/aws-lambda';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType } from 'aws-cdk-lib/core';
import type { Metafile } from 'esbuild';
import { buildSync } from 'esbuild';
import { buildWeb } from '../scripts/build-web.ts';

const ROOT = dirname(import.meta.dirname);

/**
 * Where the SDK looks for credentials on other machines. Inside Lambda they come from the environment, so the chain never
 * gets to these; they are 130 KB that every cold start would read.
 */
const CREDENTIALS_ELSEWHERE = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** What the packages come to only in a browser, or for calls that stream events, of which there are none here. */
const NEVER_REACHED = ['@smithy/core/event-streams', 'bowser'];

/** How large a function's code is, bytes. */
export interface BundleSize {
  /** What a cold start reads: `index.mjs` and what it imports at once. */
  readonly cold: number;
  /** All files together. */
  readonly total: number;
}

function sizeOf({ outputs }: Metafile): BundleSize {
  const waiting = Object.keys(outputs).filter((file) =>
    outputs[file]?.entryPoint?.startsWith('functions/'),
  );
  const read = new Set(waiting);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind !== 'import-statement' || outputs[path] === undefined || read.has(path)) continue;
      read.add(path);
      waiting.push(path);
    }
  }
  const sum = (files: readonly string[]): number =>
    files.reduce((bytes, file) => bytes + (outputs[file]?.bytes ?? 0), 0);
  return { cold: sum([...read]), total: sum(Object.keys(outputs)) };
}

/**
 * Writes the function's code with all its packages to `folder`: `index.mjs`, and in `parts/` what it imports or may come
 * to need. The function of the dashboard gets that beside it, in `web/`.
 *
 * @param name - its file in functions/, without the ending
 */
export function bundleFunction(name: string, folder: string): BundleSize {
  const { metafile } = buildSync({
    metafile: true,
    absWorkingDir: ROOT,
    entryPoints: { index: `functions/${name}.ts` },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported on the way, by import(), gets a file of its own, which a cold start does not read.
    splitting: true,
    chunkNames: 'parts/[hash]',
    minify: true,
    legalComments: 'none',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // The ES modules of the packages: what no function uses is left out.
    mainFields: ['module', 'main'],
    external: [...CREDENTIALS_ELSEWHERE, ...NEVER_REACHED],
    banner: {
      // Packages in CommonJS ask for Node's own modules by require, which ES modules do not have.
      js: "import{createRequire as requireOfBundle}from'node:module';const require=requireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const { cold, total } = sizeOf(metafile);
  return { cold, total: total + (name === 'web' ? buildWeb(join(folder, 'web')) : 0) };
}

/** The code of a function, bundled when its stack is synthesised; two stacks share the work. */
export const codeOf = (name: string): AssetCode =>
  Code.fromAsset(join(ROOT, 'functions'), {
    // The bundle alone says whether there is something to deploy.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('not-used'),
      // Tells the functions' bundles from one another.
      command: [name],
      local: {
        tryBundle(folder) {
          bundleFunction(name, folder);
          return true;
        },
      },
    },
  });
