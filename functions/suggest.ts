import { ROUTES } from '../lib/contract/routes.ts';
import { ok } from '../lib/domain/result.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { endpoint, httpFunction } from '../lib/runtime/http.ts';
import { jsonAnswer } from '../lib/runtime/problem.ts';
import { groupIn, showExperiment } from '../lib/runtime/views.ts';
import { suggest } from '../lib/service/suggest.ts';

/** Hands out experiments. */
export const create = httpFunction([
  endpoint(ROUTES.suggest, async (ports, { call, principal, path, body }) => {
    const group = groupIn(path);
    if (!group.ok) return group;
    const suggested = await suggest(ports, call, {
      group: group.value,
      count: body.count,
      worker: body.worker,
      waitSeconds: body.wait_seconds,
    });
    if (!suggested.ok) return suggested;
    const { definition, experiments, at, retryAfterSeconds } = suggested.value;
    const answer = {
      experiments: experiments.map((experiment) =>
        showExperiment({ definition, experiment, at }, principal),
      ),
      group_status: suggested.value.groupStatus,
      reason: suggested.value.reason,
      retry_after_seconds: retryAfterSeconds,
    };
    const headers = retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) };
    const numbers = experiments.map(({ number }) => number);
    return ok({
      ...jsonAnswer(200, answer, headers),
      note: { numbers, counts: { handedOut: numbers.length } },
    });
  }),
]);

export const handler = create.for(cloudRuntime);
