import { KERNELS_WASM } from './kernels-wasm.ts';

/*
 * The memory of the WebAssembly module. Most of it is scratch: what a call needs is copied in, and its results are copied out.
 * What many calls need is kept in front of that, for one owner at a time.
 */

const PAGE = 2 ** 16;
export const DOUBLE = 8;

type Kernel = (...parameters: readonly number[]) => number;

export interface Scratch {
  /** Calls a kernel by its name. */
  readonly run: (name: string, parameters: readonly number[]) => number;
  /** Room for so many doubles of each size, until the next call: where each begins, and all of the memory. */
  readonly lay: (sizes: readonly number[]) => Laid;
  /** The same, kept until somebody else keeps something; the second and third time with what was written there. */
  readonly keep: (owner: object, sizes: readonly number[]) => Kept;
}

export interface Laid {
  readonly memory: Float64Array;
  /** In bytes. */
  readonly places: readonly number[];
}

export interface Kept extends Laid {
  /** Whether it is still to be written. */
  readonly isNew: boolean;
}

const isKernel = (entry: unknown): entry is Kernel => typeof entry === 'function';

/** Opens the module; null where the engine runs none. */
function openScratch(): Scratch | null {
  if (typeof WebAssembly === 'undefined') return null;
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(Buffer.from(KERNELS_WASM, 'base64')),
  );
  const { memory } = exports;
  if (!(memory instanceof WebAssembly.Memory)) return null;
  // The first page is the module's own.
  let kept: { readonly owner: WeakRef<object> | null; readonly end: number } = {
    owner: null,
    end: PAGE,
  };
  const layFrom = (start: number, sizes: readonly number[]): Laid & { readonly end: number } => {
    let end = start;
    const places = sizes.map((size) => {
      const place = end;
      end += Math.ceil(size / 2) * 2 * DOUBLE;
      return place;
    });
    const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    return { memory: new Float64Array(memory.buffer), places, end };
  };
  return {
    run(name, parameters) {
      const kernel = exports[name];
      if (!isKernel(kernel)) throw new Error(`the module has no ${name}`);
      return kernel(...parameters);
    },
    lay: (sizes) => layFrom(kept.end, sizes),
    keep(owner, sizes) {
      const isNew = kept.owner?.deref() !== owner;
      const laid = layFrom(PAGE, sizes);
      if (isNew) kept = { owner: new WeakRef(owner), end: laid.end };
      return { ...laid, isNew };
    },
  };
}

let opened: Scratch | null | undefined;

/** Returns the one scratch of the process; null where the engine runs no WebAssembly. */
export const scratchOf = (): Scratch | null => {
  opened ??= openScratch();
  return opened;
};

/** Rows are filled up to a multiple of four. */
export const filled = (n: number): number => Math.ceil(n / 4) * 4;

export interface Rows {
  readonly entries: Float64Array;
  readonly first: number;
  readonly stride: number;
}

/** Copies a lower triangle in or out, row by row. */
export function copyLower(from: Rows, to: Rows, n: number): void {
  for (let i = 0; i < n; i++) {
    const start = from.first + i * from.stride;
    to.entries.set(from.entries.subarray(start, start + i + 1), to.first + i * to.stride);
  }
}
