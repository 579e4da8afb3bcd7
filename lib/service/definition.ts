import type { Document } from '../contract/document.ts';
import { readDocument } from '../contract/document.ts';
import type { GroupSource } from '../contract/wire.ts';
import type { GroupConfig } from '../domain/group.ts';
import type { Warning } from '../domain/problem.ts';
import { createOptimizer } from '../optimizers/index.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';

/** A group's document in its normal form, with the optimizer that it describes. Never changes. */
export interface Definition {
  readonly config: GroupConfig;
  readonly document: Document;
  readonly warnings: readonly Warning[];
  readonly optimizer: Optimizer;
}

/** Derives the definition from what is stored. Asserts that the document was accepted when the group was created. */
export function define(config: GroupConfig): Definition {
  const { document, warnings, mistakes } = readDocument(config.spec, { seed: config.seed });
  if (document === null) {
    throw new Error(
      `the stored document of ${config.id} has mistakes: ${mistakes.map(({ path }) => path).join(', ')}`,
    );
  }
  return { config, document, warnings, optimizer: createOptimizer(document.hptuning) };
}

/** The parts of a definition that the wire shows. */
export const sourceOf = ({ config, document, warnings, optimizer }: Definition): GroupSource => ({
  id: config.id,
  createdAt: config.createdAt,
  document,
  warnings,
  planned: optimizer.planned,
  fresh: optimizer.fresh,
});
