// npm run kernels: compiles wasm/kernels.ts into lib/numerics/kernels-wasm.ts. The tests compare the two.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileKernels } from './compile-kernels.ts';

const TARGET = join(import.meta.dirname, '../lib/numerics/kernels-wasm.ts');

const base64 = await compileKernels();
const lines = base64.match(/.{1,90}/g) ?? [];
const text = `/** The module that \`npm run kernels\` makes of wasm/kernels.ts, in base64. */
export const KERNELS_WASM =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
writeFileSync(TARGET, text);
console.log(`lib/numerics/kernels-wasm.ts: ${Buffer.from(base64, 'base64').length} bytes`);
