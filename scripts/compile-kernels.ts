import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';

const SOURCE = join(import.meta.dirname, '../wasm/kernels.ts');

/** Returns the module that wasm/kernels.ts is compiled to, in base64. */
export async function compileKernels(): Promise<string> {
  const source = readFileSync(SOURCE, 'utf8');
  const output = new Map<string, Uint8Array | string>();
  const { error, stderr } = await main(
    [
      'kernels.ts',
      '-o',
      'kernels.wasm',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '-O3',
      '--noAssert',
    ],
    {
      readFile: (name) => (name === 'kernels.ts' ? source : null),
      writeFile: (name, contents) => {
        output.set(name, contents);
      },
      listFiles: () => [],
    },
  );
  const module = output.get('kernels.wasm');
  if (error !== null || module === undefined) throw new Error(stderr.toString());
  return Buffer.from(module).toString('base64');
}
