import type { GroupHead } from '../domain/group.ts';
import type { Promotion } from '../optimizers/optimizer.ts';
import { computeAhead } from './ahead.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { dispatch } from './dispatch.ts';
import { changeHead, isRipe, readHead } from './head.ts';
import { newExperiment } from './new-experiment.ts';
import type { Ports } from './ports.ts';
import { advanced, finishAdding, settled } from './reconcile.ts';
import { closeRungs, isRungDue, withWritten, writeRungs } from './rungs.ts';

/** Rounds of closing and writing before a poke is done: more rungs than any group has. */
const ROUNDS = 1_000;

/** Computes the next suggestions of a surrogate search, until those are ready that whoever asks next will want. */
async function advanceSearch(ports: Ports, definition: Definition): Promise<void> {
  const change = async (decide: (head: GroupHead) => GroupHead): Promise<GroupHead | null> => {
    const changed = await changeHead<GroupHead>(ports, definition.config.id, async (old) => {
      const head = decide(await finishAdding(ports, definition, old));
      const next = await settled(ports, definition, head, ports.now());
      return next === old ? { result: old } : { head: next, result: next };
    });
    return changed.ok ? changed.value : null;
  };
  for (let round = 0; round < ROUNDS; round++) {
    if (!(await computeAhead(ports, definition, change))) return;
  }
}

/**
 * Does whatever is due in a group: closes complete rungs, writes the experiments of those that begin, computes
 * suggestions, and hands out what is to be pushed. Doing it twice, or at the same time as somebody else, changes nothing
 * more. A group that is gone is done. Returns how many rungs it has closed.
 */
export async function advanceGroup(ports: Ports, group: string): Promise<number> {
  const definition = await definitionOf(ports, group);
  if (definition === null) return 0;
  let rungs = 0;
  const { surrogate, halving, promotion } = definition.optimizer;
  if (halving !== null) rungs = await advanceHalving(ports, definition);
  for (let round = 0; round < ROUNDS; round++) {
    if (promotion !== null) rungs += await advanceRungs(ports, definition, promotion);
    if (surrogate !== null) await advanceSearch(ports, definition);
    // A rung that became complete while suggestions were computed sent no poke: the group was ripe already.
    if (promotion === null || surrogate === null) break;
    const head = await readHead(ports, group);
    if (!head.ok || !isRipe(head.value.body) || !isRungDue(head.value.body, promotion)) break;
  }
  await dispatch(ports, definition);
  return rungs;
}

/** Looks at results that nobody has looked at; returns how many rungs are complete by that. */
async function advanceHalving(ports: Ports, definition: Definition): Promise<number> {
  const moved = await changeHead<number>(ports, definition.config.id, async (old) => {
    if (old.ripe !== true) return { result: 0 };
    const head = await settled(ports, definition, old, ports.now());
    const rungs = (head.halving?.complete ?? 0) - (old.halving?.complete ?? 0);
    return head === old ? { result: 0 } : { head, result: rungs };
  });
  return moved.ok ? moved.value : 0;
}

/** Closes complete rungs and writes the experiments of those that begin; returns how many it has closed. */
async function advanceRungs(
  ports: Ports,
  definition: Definition,
  promotion: Promotion,
): Promise<number> {
  const group = definition.config.id;
  let rungs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let closedNow = 0;
    const closing = await changeHead<GroupHead>(ports, group, async (head) => {
      // Asked anew each time that somebody else was faster.
      closedNow = 0;
      if (head.ripe !== true) return { result: head };
      const now = ports.now();
      const closed = await closeRungs(ports, definition, head, now);
      closedNow = head.rungs.filter((open) => !closed.rungs.includes(open)).length;
      const next = advanced(closed, definition, now);
      return next === head ? { result: head } : { head: next, result: next };
    });
    if (!closing.ok) return rungs;
    rungs += closedNow;
    if (!isRipe(closing.value) || !isRungDue(closing.value, promotion)) return rungs;
    const written = await writeRungs(ports, definition, closing.value, (number, index) =>
      newExperiment(ports, definition, { number, index, at: ports.now() }),
    );
    await changeHead(ports, group, (head) => {
      const next = advanced(withWritten(head, written), definition, ports.now());
      return next === head ? { result: null } : { head: next, result: null };
    });
  }
  return rungs;
}
