import type { Document } from '../contract/document.ts';
import { readDocument } from '../contract/document.ts';
import { describeMistake, refuse } from '../contract/mistakes.ts';
import type { ExperimentState } from '../domain/experiment.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { GroupHead, GroupStatus } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import { beginStop, logged, newHead, resumed } from '../domain/moves.ts';
import type { Mistake, Warning } from '../domain/problem.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Json, Values } from '../domain/values.ts';
import type { Bracket } from '../optimizers/hyperband-schedule.ts';
import { plansMoreThan } from '../optimizers/hyperband-schedule.ts';
import { createOptimizer } from '../optimizers/index.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { configKey, END, experimentKey, headKey, listingKey } from '../store/keys.ts';
import type { CurrentGroup } from './current.ts';
import { currentGroup } from './current.ts';
import type { Definition } from './definition.ts';
import { define } from './definition.ts';
import { definitionOf, remember } from './definitions.ts';
import { changeHead, dueOf, groupNotFound } from './head.ts';
import { drawSeed, groupId } from './ids.ts';
import type { Call, Ports } from './ports.ts';
import { isHeard, withPush } from './push.ts';
import { advanced } from './reconcile.ts';
import { marked } from './webhooks/mark.ts';

/** Groups looked at for one page of a filtered list before the page is answered as it is. */
const LISTING_LOOKS = 2_000;
const LISTING_STEP = 100;
const START_OF_GROUPS = 'grp_';

/** A group as its reader sees it. */
export interface GroupView {
  readonly definition: Definition;
  readonly head: GroupHead;
  readonly best: ExperimentState | null;
}

function refuseDocument(mistakes: readonly Mistake[]): Fault {
  const [first] = mistakes;
  return first !== undefined && mistakes.every(({ code }) => code === 'not_supported')
    ? fault('not_supported', describeMistake(first), { errors: mistakes })
    : // Reading the document has limited them already.
      refuse('document', mistakes, mistakes.length);
}

/** Reads a document that somebody sends. */
function accept(
  spec: Json,
  seed: number,
): Result<{ readonly document: Document; readonly warnings: readonly Warning[] }, Fault> {
  const { document, mistakes, warnings } = readDocument(spec, { seed });
  if (document === null) return err(refuseDocument(mistakes));
  const { algorithm } = document.hptuning;
  if (algorithm.kind === 'hyperband') {
    const { maxIter, eta, resource } = algorithm;
    const schedule = { maxIter, eta, resourceType: resource.type };
    if (plansMoreThan(LIMITS.plannedExperiments, schedule)) {
      const message = `With eta ${eta} it plans more than ${LIMITS.plannedExperiments} experiments, which is the limit: lower max_iter or raise eta.`;
      return err(refuseDocument([{ path: 'hptuning.hyperband.max_iter', message }]));
    }
  }
  if (algorithm.kind === 'asha' || (algorithm.kind === 'auto' && algorithm.training !== null)) {
    const { planned } = createOptimizer(document.hptuning);
    if (planned > LIMITS.plannedExperiments) {
      const message = `With what goes on it plans ${planned} experiments: at most ${LIMITS.plannedExperiments} can be planned. Lower it, or raise eta.`;
      return err(refuseDocument([{ path: `hptuning.${algorithm.kind}.n_experiments`, message }]));
    }
  }
  return ok({ document, warnings });
}

/** The group as its reader sees it, with the best experiment so far. */
export async function viewOf(
  ports: Ports,
  { definition, head }: Pick<CurrentGroup, 'definition' | 'head'>,
): Promise<GroupView> {
  const best =
    head.best === null
      ? null
      : await ports.store.get(experimentKey(definition.config.id, head.best.number));
  return { definition, head, best: best?.body ?? null };
}

/** The head of a new group, with the mark of what it has to push. */
async function firstHead(ports: Ports, definition: Definition): Promise<GroupHead> {
  const { id, createdAt } = definition.config;
  const head = withPush(newHead(definition.optimizer, createdAt), definition, createdAt);
  return head.push === undefined || (await isHeard(ports, id))
    ? head
    : { ...head, push: 'unheard' };
}

/**
 * Stores a group. The head is written last: a group exists once it has one.
 *
 * *Faults* `invalid_document`, `not_supported`
 */
export async function createGroup(
  ports: Ports,
  call: Call,
  spec: Json,
): Promise<Result<GroupView, Fault>> {
  const seed = drawSeed(call.nonce);
  const accepted = accept(spec, seed);
  if (!accepted.ok) return accepted;
  const { document } = accepted.value;
  const config = { id: groupId(call), spec, seed, createdAt: call.at };
  const definition = remember(ports, define(config));
  const head = await marked(ports, config.id, await firstHead(ports, definition), 0);
  await ports.store.put({ key: configKey(config.id), body: config, expect: 0 });
  await ports.store.put({
    key: listingKey(config.id),
    body: { tags: document.tags },
    expect: 0,
  });
  // An earlier run of the same request may have got here already: then its head stands.
  const outcome = await ports.store.put({
    key: headKey(config.id),
    body: head,
    expect: 0,
    due: dueOf(head),
  });
  if (outcome.kind === 'stored') {
    if (head.untold !== undefined) await ports.poke({ group: config.id, tells: true });
    else if (head.push === 'due') await ports.poke({ group: config.id });
  }
  const stored = outcome.kind === 'stored' ? head : (outcome.current?.body ?? head);
  return ok(await viewOf(ports, { definition, head: stored }));
}

export interface Preview {
  readonly document: Document;
  readonly warnings: readonly Warning[];
  readonly planned: number;
  readonly points: readonly Values[];
  /** Brackets with their rungs; null where experiments are not promoted. */
  readonly brackets: readonly Bracket[] | null;
}

const bracketsOf = ({ promotion, halving }: Optimizer): readonly Bracket[] | null =>
  promotion?.plan.brackets ?? (halving === null ? null : [halving.bracket]);

/**
 * What a document would run; nothing is stored.
 *
 * *Faults* `invalid_document`, `not_supported`
 */
export function previewGroup(call: Call, spec: Json, points: number): Result<Preview, Fault> {
  const accepted = accept(spec, drawSeed(call.nonce));
  if (!accepted.ok) return accepted;
  const { document, warnings } = accepted.value;
  const optimizer = createOptimizer(document.hptuning);
  const known = optimizer.surrogate?.initial ?? optimizer.fresh;
  const first = Array.from({ length: Math.min(points, known) }, (_, index) =>
    optimizer.suggest(index),
  );
  return ok({
    document,
    warnings,
    planned: optimizer.planned,
    points: first.filter((values) => values !== null),
    brackets: bracketsOf(optimizer),
  });
}

/**
 * One group.
 *
 * *Faults* `group_not_found`
 */
export async function readGroup(ports: Ports, group: string): Promise<Result<GroupView, Fault>> {
  const current = await currentGroup(ports, group);
  return current.ok ? ok(await viewOf(ports, current.value)) : current;
}

/** Groups newest first; `after` is the id of the last one seen. */
export async function listGroups(
  ports: Ports,
  page: {
    readonly status: GroupStatus | null;
    readonly tag: string | null;
    readonly limit: number;
    readonly after: string | null;
  },
): Promise<{ readonly views: readonly GroupView[]; readonly next: string | null }> {
  const views: GroupView[] = [];
  let last = page.after;
  for (let looked = 0; looked < LISTING_LOOKS; looked += LISTING_STEP) {
    const items = await ports.store.list(listingKey(START_OF_GROUPS), {
      from: START_OF_GROUPS,
      to: last ?? START_OF_GROUPS + END,
      limit: LISTING_STEP + 1,
      reverse: true,
    });
    const step = items.filter(({ sk }) => sk !== last).slice(0, LISTING_STEP);
    for (const { sk, body } of step) {
      const view =
        page.tag === null || body.tags.includes(page.tag) ? await readGroup(ports, sk) : null;
      if (view?.ok === true && (page.status ?? view.value.head.status) === view.value.head.status) {
        // Only a group that fits makes another page: no list ends with an empty one.
        if (views.length === page.limit) return { views, next: last };
        views.push(view.value);
      }
      last = sk;
    }
    if (step.length < LISTING_STEP) return { views, next: null };
  }
  return { views, next: last };
}

async function move(
  ports: Ports,
  group: string,
  decide: (head: GroupHead, definition: Definition) => Result<GroupHead, Fault>,
): Promise<Result<GroupView, Fault>> {
  const definition = await definitionOf(ports, group);
  if (definition === null) return err(groupNotFound(group));
  const moved = await changeHead<Result<GroupHead, Fault>>(ports, group, (head) => {
    const next = decide(head, definition);
    if (!next.ok || next.value === head) return { result: next };
    return { head: next.value, result: next };
  });
  if (!moved.ok) return moved;
  return moved.value.ok
    ? ok(await viewOf(ports, { definition, head: moved.value.value }))
    : moved.value;
}

/**
 * Stops handing out; running experiments are asked to stop, waiting ones stay. Nothing changes where it has stopped.
 *
 * *Faults* `group_not_found`
 */
export const stopGroup = (ports: Ports, group: string): Promise<Result<GroupView, Fault>> =>
  move(ports, group, (head, definition) => {
    const reason = { code: 'requested', detail: 'a caller asked the group to stop' } as const;
    const at = ports.now();
    return ok(
      head.status === 'running' ? advanced(beginStop(head, reason, at), definition, at) : head,
    );
  });

/**
 * Goes on after a stop. Nothing changes where the group is running.
 *
 * *Faults* `group_not_found`, `group_finished`
 */
export const resumeGroup = (ports: Ports, group: string): Promise<Result<GroupView, Fault>> =>
  move(ports, group, (head, definition) => {
    if (head.status === 'running') return ok(head);
    if (head.status === 'done' || head.reason?.code === 'early_stopping') {
      const why = head.reason?.detail ?? 'its search has ended';
      return err(fault('group_finished', `The group ${group} cannot go on: ${why}.`));
    }
    const at = ports.now();
    return ok(advanced(resumed(head, at), definition, at));
  });

/**
 * Deletes a group: it is gone for every caller at once, its items are removed afterwards.
 *
 * *Faults* `group_not_found`
 */
export async function deleteGroup(ports: Ports, group: string): Promise<Result<null, Fault>> {
  const deleted = await changeHead(ports, group, (head) => {
    const at = ports.now();
    return {
      head: logged({ ...head, deletedAt: at }, { type: 'group.deleted', at }),
      result: null,
    };
  });
  if (deleted.ok) await ports.store.remove(listingKey(group));
  return deleted;
}
