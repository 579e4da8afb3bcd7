import type { GroupHead } from '../domain/group.ts';
import { computeAhead } from './ahead.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { changeHead } from './head.ts';
import { newExperiment } from './new-experiment.ts';
import type { Ports } from './ports.ts';
import { advanced, finishAdding } from './reconcile.ts';
import { closeRungs, withWritten, writeRungs } from './rungs.ts';

/** Rounds of closing and writing before a poke is done: more rungs than any group has. */
const ROUNDS = 1_000;

/** Computes the next suggestions of a surrogate search, until those are ready that whoever asks next will want. */
async function advanceSearch(ports: Ports, definition: Definition): Promise<void> {
  const change = async (decide: (head: GroupHead) => GroupHead): Promise<GroupHead | null> => {
    const changed = await changeHead<GroupHead>(ports, definition.config.id, async (old) => {
      const head = decide(await finishAdding(ports, definition, old));
      const next = advanced(head, definition, ports.now());
      return next === old ? { result: old } : { head: next, result: next };
    });
    return changed.ok ? changed.value : null;
  };
  for (let round = 0; round < ROUNDS; round++) {
    if (!(await computeAhead(ports, definition, change))) return;
  }
}

/**
 * Does whatever is due in a group: closes complete rungs, and writes the experiments of those that begin. Doing it
 * twice, or at the same time as somebody else, changes nothing more. A group that is gone is done.
 */
export async function advanceGroup(ports: Ports, group: string): Promise<void> {
  const definition = await definitionOf(ports, group);
  if (definition === null) return;
  if (definition.optimizer.surrogate !== null) return advanceSearch(ports, definition);
  for (let round = 0; round < ROUNDS; round++) {
    const closing = await changeHead<GroupHead>(ports, group, async (head) => {
      if (head.ripe !== true) return { result: head };
      const now = ports.now();
      const closed = await closeRungs(ports, definition, head, now);
      const next = advanced(closed, definition, now);
      return next === head ? { result: head } : { head: next, result: next };
    });
    if (!closing.ok || closing.value.ripe !== true || closing.value.status !== 'running') return;
    const written = await writeRungs(ports, definition, closing.value, (number, index) =>
      newExperiment(ports, definition, { number, index, at: ports.now() }),
    );
    await changeHead(ports, group, (head) => {
      const next = advanced(withWritten(head, written), definition, ports.now());
      return next === head ? { result: null } : { head: next, result: null };
    });
  }
}
