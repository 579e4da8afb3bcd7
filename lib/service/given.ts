import type { ExperimentState, ResumeFrom, RungPlace, Source } from '../domain/experiment.ts';
import type { Algorithm } from '../domain/hptuning.ts';
import type { Values } from '../domain/values.ts';
import type { AsyncPromotion, Promotion, SurrogateSearch } from '../optimizers/optimizer.ts';
import { batchKey, experimentKey } from '../store/keys.ts';
import type { Item } from '../store/store.ts';
import type { Definition } from './definition.ts';
import type { Ports } from './ports.ts';
import { promotedFrom } from './rungs.ts';

/** What the search gives an experiment. */
export interface Given {
  readonly values: Values;
  readonly source: Source;
  readonly rung: RungPlace | null;
  readonly resumeFrom: ResumeFrom | null;
}

/** Which of the search's suggestions an experiment is. */
export interface SuggestionOf {
  readonly index: number;
  /** The batch that holds it, where it was computed. */
  readonly batch?: string | undefined;
  /** Number of the experiment that it continues, where experiments are promoted one by one. */
  readonly parent?: number | undefined;
}

const SOURCES = {
  grid: 'grid',
  random: 'random',
  asha: 'random',
} as const satisfies Record<Exclude<Algorithm['kind'], 'bo' | 'auto' | 'hyperband'>, Source>;

const plain = (values: Values, source: Source): Given => ({
  values,
  source,
  rung: null,
  resumeFrom: null,
});

/** Values, source, rung and origin of one of the search's experiments; null where there is none. */
export async function givenAt(
  ports: Ports,
  definition: Definition,
  { index, batch, parent }: SuggestionOf,
): Promise<Given | null> {
  const { promotion, halving } = definition.optimizer;
  if (promotion !== null) return inBracket(ports, definition, { promotion, index, batch });
  if (halving !== null) return onRung(ports, definition, { halving, index, batch, parent });
  return begunAt(ports, definition, { index, batch });
}

function sourceOf(
  { document }: Definition,
  surrogate: SurrogateSearch | null,
  index: number,
): Source {
  const { kind } = document.hptuning.algorithm;
  if (kind === 'bo' || kind === 'auto') {
    return surrogate !== null && index < surrogate.initial ? 'initial_design' : 'fallback';
  }
  if (kind === 'hyperband') return surrogate === null ? 'hyperband' : 'random';
  return SOURCES[kind];
}

async function computedAt(
  ports: Ports,
  definition: Definition,
  { index, batch }: { readonly index: number; readonly batch: string },
): Promise<Given> {
  const item = await ports.store.get(batchKey(definition.config.id, batch));
  const suggestion = item?.body.suggestions[index - item.body.from];
  if (suggestion === undefined) throw new Error(`batch ${batch} has no suggestion ${index}`);
  return plain(suggestion.values, suggestion.source);
}

/** A configuration of Hyperband on a rung. */
async function inBracket(
  ports: Ports,
  definition: Definition,
  of: {
    readonly promotion: Promotion;
    readonly index: number;
    readonly batch: string | undefined;
  },
): Promise<Given | null> {
  const { plan, resource: axis, resume } = of.promotion;
  const { id } = definition.config;
  const { bracket, rung, slot } = plan.locate(of.index);
  const resource = plan.brackets.find((one) => one.bracket === bracket)?.rungs[rung]?.resource;
  if (resource === undefined) return null;
  const from = await promotedFrom(ports, definition, { bracket, rung, slot });
  const isComputed = definition.optimizer.surrogate !== null;
  const isRead = from !== null && (resume || isComputed);
  const parent = isRead ? await ports.store.get(experimentKey(id, from[0])) : null;
  // Where nothing is computed, values follow from the slot with which a configuration began.
  const begun =
    isComputed && parent !== null
      ? parent.body
      : await begunAt(ports, definition, {
          index: plan.freshOf({ bracket, slot: from === null ? slot : from[1] }),
          batch: of.batch,
        });
  if (begun === null) return null;
  return {
    values: { ...begun.values, [axis.name]: resource },
    source: begun.source,
    rung: { bracket, rung, resource },
    resumeFrom: from !== null && resume ? resumePoint(from[0], parent) : null,
  };
}

/** A configuration on its rung. */
async function onRung(
  ports: Ports,
  definition: Definition,
  of: {
    readonly halving: AsyncPromotion;
    readonly index: number;
    readonly batch: string | undefined;
    readonly parent: number | undefined;
  },
): Promise<Given | null> {
  const { halving, index, batch, parent } = of;
  const { rung, slot } = halving.locate(index);
  const { id } = definition.config;
  const before = parent === undefined ? null : await ports.store.get(experimentKey(id, parent));
  const begun = before?.body ?? (await begunAt(ports, definition, { index: slot, batch }));
  if (begun === null) return null;
  const resource = halving.resourceAt(rung);
  return {
    values: { ...begun.values, [halving.resource.name]: resource },
    source: begun.source,
    rung: { bracket: halving.bracket.bracket, rung, resource },
    resumeFrom: halving.resume && parent !== undefined ? resumePoint(parent, before) : null,
  };
}

/** Values of a new configuration, computed or by its index. */
async function begunAt(
  ports: Ports,
  definition: Definition,
  { index, batch }: SuggestionOf,
): Promise<Given | null> {
  if (batch !== undefined) return computedAt(ports, definition, { index, batch });
  const { surrogate, suggest } = definition.optimizer;
  const values = suggest(index);
  return values === null ? null : plain(values, sourceOf(definition, surrogate, index));
}

/** An experiment's checkpoint does not change once it has ended, and only ended ones are continued. */
const resumePoint = (number: number, parent: Item<ExperimentState> | null): ResumeFrom => ({
  number,
  checkpoint: parent?.body.checkpoint ?? null,
});
