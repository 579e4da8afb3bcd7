import { experimentToWire, groupToWire } from '../contract/wire.ts';
import type { ExperimentState } from '../domain/experiment.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { Warning } from '../domain/problem.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { CurrentGroup } from '../service/current.ts';
import type { Definition } from '../service/definition.ts';
import { sourceOf } from '../service/definition.ts';
import type { GroupView } from '../service/groups.ts';
import { groupNotFound } from '../service/head.ts';
import { isGroupId } from '../service/ids.ts';
import { leaseToken } from '../service/lease.ts';
import type { Request } from './http.ts';
import type { Answer } from './problem.ts';
import { jsonAnswer, notModified } from './problem.ts';
import type { Principal } from './runtime.ts';

/** A group as the contract shows it. */
export function showGroup({ definition, head, best }: GroupView) {
  const group = groupToWire(sourceOf(definition), head, best);
  return head.push === 'unheard' ? { ...group, warnings: [...group.warnings, UNHEARD] } : group;
}

/** What is said of a group that would push its experiments to nobody. */
const UNHEARD: Warning = {
  path: 'hptuning.dispatch',
  code: 'no_webhook',
  message:
    'Nothing is handed out: no enabled webhook takes experiment.dispatched of this group. It goes on a minute or two after one does; create the webhook first where that is too long.',
};

/** An experiment as the contract shows it; its lease token only to callers that may report. */
export function showExperiment(
  shown: {
    readonly definition: Definition;
    readonly experiment: ExperimentState;
    readonly at: number;
  },
  principal: Principal,
) {
  const { definition, experiment, at } = shown;
  const mayReport = principal.kind === 'experiment' || principal.scopes.has('work');
  const token = mayReport ? leaseToken(definition.config.id, experiment, experiment.attempt) : null;
  return experimentToWire(sourceOf(definition), experiment, { now: at, token });
}

type Path = Readonly<Record<string, string>>;

/** The group that a path names. */
export function groupIn(path: Path): Result<string, Fault> {
  const id = path['group'] ?? '';
  return isGroupId(id) ? ok(id) : err(groupNotFound(id.slice(0, 60)));
}

const NUMBER = /^[1-9]\d{0,9}$/;

/** The group and the experiment that a path names. */
export function experimentIn(
  path: Path,
): Result<{ readonly group: string; readonly number: number }, Fault> {
  const group = groupIn(path);
  if (!group.ok) return group;
  const text = path['number'] ?? '';
  if (NUMBER.test(text)) return ok({ group: group.value, number: Number(text) });
  const shown = text.slice(0, 20);
  return err(
    fault(
      'experiment_not_found',
      `"${shown}" is no number of an experiment: they count 1, 2, 3 and so on.`,
    ),
  );
}

/** Fault for a cursor that does not decode. */
export const badCursor = (message: string): Fault =>
  fault('invalid_request', `cursor: ${message}`, { errors: [{ path: 'cursor', message }] });

/** The answer of a call about a group as it is at a revision, unless the caller has that already. */
export async function taggedAnswer(
  { revision }: CurrentGroup,
  { hasAnswer }: Pick<Request<unknown, unknown>, 'hasAnswer'>,
  read: () => Promise<object>,
): Promise<Answer> {
  const etag = `"${revision}"`;
  return hasAnswer(etag) ? notModified(etag) : jsonAnswer(200, await read(), { etag });
}
