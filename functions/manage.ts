import { ROUTES } from '../lib/contract/routes.ts';
import { createdKeyToWire } from '../lib/contract/wire.ts';
import type { Fault } from '../lib/domain/faults.ts';
import { fault } from '../lib/domain/faults.ts';
import type { Result } from '../lib/domain/result.ts';
import { err, ok } from '../lib/domain/result.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { endpoint, httpFunction } from '../lib/runtime/http.ts';
import type { Answer } from '../lib/runtime/problem.ts';
import { DELETED, jsonAnswer } from '../lib/runtime/problem.ts';
import { groupIn, showExperiment, showGroup } from '../lib/runtime/views.ts';
import { createKey, revokeKey } from '../lib/service/api-keys.ts';
import { addExperiment } from '../lib/service/experiments.ts';
import type { GroupView } from '../lib/service/groups.ts';
import { deleteGroup, resumeGroup, stopGroup } from '../lib/service/groups.ts';

const show = (moved: Result<GroupView, Fault>): Result<Answer, Fault> =>
  moved.ok ? ok(jsonAnswer(200, showGroup(moved.value))) : moved;

/** Stops, resumes and deletes groups, takes the caller's own experiments, and creates and revokes keys. */
export const create = httpFunction([
  endpoint(ROUTES.stopGroup, async (ports, { path }) => {
    const group = groupIn(path);
    return group.ok ? show(await stopGroup(ports, group.value)) : group;
  }),
  endpoint(ROUTES.resumeGroup, async (ports, { path }) => {
    const group = groupIn(path);
    return group.ok ? show(await resumeGroup(ports, group.value)) : group;
  }),
  endpoint(ROUTES.deleteGroup, async (ports, { path }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const deleted = await deleteGroup(ports, group.value);
    return deleted.ok ? ok(DELETED) : deleted;
  }),
  endpoint(ROUTES.addExperiment, async (ports, { call, principal, path, body }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const { status, metrics, message } = body;
    if (status === null && metrics !== null) {
      const text = 'metrics came without a final status; send how it ended, such as "succeeded".';
      return err(fault('invalid_request', text, { errors: [{ path: 'status', message: text }] }));
    }
    const added = await addExperiment(ports, call, {
      group: group.value,
      values: body.values,
      result: status === null ? null : { end: status, metrics: metrics ?? {}, message },
    });
    if (!added.ok) return added;
    const experiment = showExperiment(added.value, principal);
    const location = `/v1/groups/${experiment.group}/experiments/${experiment.number}`;
    return ok({
      ...jsonAnswer(201, experiment, { location }),
      note: { number: experiment.number },
    });
  }),
  endpoint(ROUTES.createKey, async (ports, { call, body }) => {
    const { name, scopes, expires_at: expiresAt } = body;
    const created = await createKey(ports, call, { name, scopes, expiresAt });
    if (!created.ok) return created;
    const { key, text } = created.value;
    const answer = jsonAnswer(201, createdKeyToWire(key, text), {
      location: `/v1/keys/${key.id}`,
    });
    return ok({ ...answer, keptBody: JSON.stringify(createdKeyToWire(key, null)) });
  }),
  endpoint(ROUTES.revokeKey, async (ports, { path }) => {
    const revoked = await revokeKey(ports, path['key'] ?? '');
    return revoked.ok ? ok(DELETED) : revoked;
  }),
]);

export const handler = create.for(cloudRuntime);
