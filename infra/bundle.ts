import { dirname, join } from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import type { AssetCode } from 'aws-cdk-lib/aws-lambda';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';

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

/**
 * Writes the function's code with all its packages to `folder` as one file, `index.mjs`.
 *
 * @param name - its file in functions/, without the ending
 */
export function bundleFunction(name: string, folder: string): void {
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [`functions/${name}.ts`],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    minify: true,
    legalComments: 'none',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // The ES modules of the packages: what no function uses is left out.
    mainFields: ['module', 'main'],
    external: CREDENTIALS_ELSEWHERE,
    banner: {
      // Packages in CommonJS ask for Node's own modules by require, which ES modules do not have.
      js: "import{createRequire as requireOfBundle}from'node:module';const require=requireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
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
