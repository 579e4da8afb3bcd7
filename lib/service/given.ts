import type { ResumeFrom, RungPlace, Source } from '../domain/experiment.ts';
import type { Algorithm } from '../domain/hptuning.ts';
import type { Values } from '../domain/values.ts';
import type { AsyncPromotion, Promotion, SurrogateSearch } from '../optimizers/optimizer.ts';
import { batchKey, experimentKey } from '../store/keys.ts';
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
  hyperband: 'hyperband',
  asha: 'random',
} as const satisfies Record<Exclude<Algorithm['kind'], 'bo' | 'auto'>, Source>;

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
  if (promotion !== null) return promotedAt(ports, definition, { promotion, index });
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

async function promotedAt(
  ports: Ports,
  definition: Definition,
  { promotion, index }: { readonly promotion: Promotion; readonly index: number },
): Promise<Given | null> {
  const { plan, resource: axis, resume } = promotion;
  const at = plan.locate(index);
  const from = await promotedFrom(ports, definition, at);
  const values = plan.values({ bracket: at.bracket, slot: from === null ? at.slot : from[1] });
  const resource = plan.brackets.find(({ bracket }) => bracket === at.bracket)?.rungs[at.rung]
    ?.resource;
  if (values === null || resource === undefined) return null;
  return {
    values: { ...values, [axis.name]: resource },
    source: 'hyperband',
    rung: { bracket: at.bracket, rung: at.rung, resource },
    resumeFrom:
      from === null || !resume ? null : await resumePoint(ports, definition.config.id, from[0]),
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
    resumeFrom:
      halving.resume && before !== null
        ? { number: before.body.number, checkpoint: before.body.checkpoint }
        : null,
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
async function resumePoint(ports: Ports, group: string, number: number): Promise<ResumeFrom> {
  const parent = await ports.store.get(experimentKey(group, number));
  return { number, checkpoint: parent?.body.checkpoint ?? null };
}
