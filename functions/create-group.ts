import { ROUTES } from '../lib/contract/routes.ts';
import { previewToWire } from '../lib/contract/wire.ts';
import { LIMITS } from '../lib/domain/limits.ts';
import { ok } from '../lib/domain/result.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { endpoint, httpFunction } from '../lib/runtime/http.ts';
import { jsonAnswer } from '../lib/runtime/problem.ts';
import { showGroup } from '../lib/runtime/views.ts';
import { parseYamlBody } from '../lib/runtime/yaml-body.ts';
import { createGroup, previewGroup } from '../lib/service/groups.ts';

/** Creates groups, and tells what a document would run. */
export const create = httpFunction([
  endpoint(
    ROUTES.createGroup,
    async (ports, { call, body }) => {
      const created = await createGroup(ports, call, body.json);
      if (!created.ok) return created;
      const group = showGroup(created.value);
      const answer = jsonAnswer(201, group, { location: `/v1/groups/${group.id}` });
      return ok({ ...answer, note: { group: group.id } });
    },
    parseYamlBody,
  ),
  endpoint(
    ROUTES.previewGroup,
    async (_ports, { call, body }) => {
      const preview = previewGroup(call, body.json, LIMITS.previewPoints);
      return preview.ok ? ok(jsonAnswer(200, previewToWire(preview.value))) : preview;
    },
    parseYamlBody,
  ),
]);

export const handler = create.for(cloudRuntime);
