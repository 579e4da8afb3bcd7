import { ROUTES } from '../lib/contract/routes.ts';
import type { Fault } from '../lib/domain/faults.ts';
import { fault } from '../lib/domain/faults.ts';
import { LIMITS } from '../lib/domain/limits.ts';
import type { Result } from '../lib/domain/result.ts';
import { err, ok } from '../lib/domain/result.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { endpoint, httpFunction } from '../lib/runtime/http.ts';
import type { Answer } from '../lib/runtime/problem.ts';
import { jsonAnswer } from '../lib/runtime/problem.ts';
import type { Principal } from '../lib/runtime/runtime.ts';
import { experimentIn, showExperiment } from '../lib/runtime/views.ts';
import type { ReportAnswer } from '../lib/service/report.ts';
import { release, report } from '../lib/service/report.ts';

/** The lease token of a call: from its body, or from its authorization, which then decides. */
function leaseOf(
  principal: Principal,
  sent: string | null,
): Result<{ readonly leaseToken: string | null; readonly tokenIsKey: boolean }, Fault> {
  if (principal.kind === 'team') return ok({ leaseToken: sent, tokenIsKey: false });
  if (sent !== null && sent !== principal.token) {
    const detail = 'The lease_token is another one than the token the call is authorized by.';
    return err(fault('forbidden', detail));
  }
  return ok({ leaseToken: principal.token, tokenIsKey: true });
}

const show = (
  answered: Result<ReportAnswer, Fault>,
  principal: Principal,
): Result<Answer, Fault> =>
  answered.ok
    ? ok(
        jsonAnswer(200, {
          experiment: showExperiment(answered.value, principal),
          should_stop: answered.value.shouldStop,
          stop_reason: answered.value.stopReason,
        }),
      )
    : answered;

/** Takes reports on experiments, and experiments that their workers give back. */
export const create = httpFunction([
  endpoint(ROUTES.report, async (ports, { call, principal, path, body, bodyBytes }) => {
    const at = experimentIn(path);
    if (!at.ok) return at;
    if (body.measurements === null && bodyBytes > LIMITS.bodyBytes) {
      const detail = `The body has ${bodyBytes} bytes; without measurements at most ${LIMITS.bodyBytes} are allowed.`;
      return err(fault('body_too_large', detail));
    }
    const lease = leaseOf(principal, body.lease_token);
    if (!lease.ok) return lease;
    const own = body.metrics === null ? [] : [{ step: body.step, metrics: body.metrics }];
    const answered = await report(ports, call, {
      ...at.value,
      ...lease.value,
      steps: [...(body.measurements ?? []), ...own],
      status: body.status,
      checkpoint: body.checkpoint,
      message: body.message,
    });
    const shown = show(answered, principal);
    return shown.ok ? ok({ ...shown.value, note: { counts: { reports: 1 } } }) : shown;
  }),
  endpoint(ROUTES.release, async (ports, { principal, path, body }) => {
    const at = experimentIn(path);
    if (!at.ok) return at;
    const lease = leaseOf(principal, body.lease_token);
    if (!lease.ok) return lease;
    return show(await release(ports, { ...at.value, ...lease.value }), principal);
  }),
]);

export const handler = create.for(cloudRuntime);
