import type { MatrixOption } from '../domain/hptuning.ts';
import type { Json } from '../domain/values.ts';

/**
 * Returns an option in its dict form, as a document would have it: `{range: {start: 0, stop: 1,
 * step: 0.1}}`.
 */
export function optionToWire(option: MatrixOption): { readonly [kind: string]: Json } {
  switch (option.kind) {
    case 'values':
      return { values: option.values };
    case 'pvalues': {
      const { values, probabilities } = option;
      return { pvalues: values.map((value, i) => [value, probabilities[i] ?? 0]) };
    }
    default: {
      const { kind, ...numbers } = option;
      return { [kind]: numbers };
    }
  }
}
