import { isJson } from '../contract/inspect.ts';
import { parseJson } from '../contract/json-body.ts';
import { refuse } from '../contract/mistakes.ts';
import type { AnyRoute } from '../contract/routes.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { Mistake } from '../domain/problem.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import type { Json } from '../domain/values.ts';

const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json$/;
const YAML_TYPE = /^(?:application\/(?:x-)?yaml|text\/yaml)$/;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** True for a content type of YAML. */
export const isYaml = (contentType: string | undefined): boolean =>
  YAML_TYPE.test(typeOf(contentType));

const typeOf = (contentType: string | undefined): string =>
  contentType?.split(';')[0]?.trim().toLowerCase() ?? '';

/** The text of a body. */
export function decode(bytes: Uint8Array): Result<string, Fault> {
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return err(fault('malformed_body', 'The body is not valid UTF-8.'));
  }
}

/** Checks a body's size and type before anything of it is read. */
export function checkBody(
  route: AnyRoute,
  bytes: Uint8Array,
  contentType: string | undefined,
): Fault | null {
  if (bytes.length > route.bodyBytes) {
    const detail = `The body has ${bytes.length} bytes, at most ${route.bodyBytes} are allowed.`;
    return fault('body_too_large', detail);
  }
  if (bytes.length === 0) return null;
  const type = typeOf(contentType);
  if (JSON_TYPE.test(type) || (route.takesYaml && YAML_TYPE.test(type))) return null;
  const sent = type === '' ? 'The body came without a Content-Type' : `"${type}" is not understood`;
  const allowed = route.takesYaml ? 'application/json or application/yaml' : 'application/json';
  const hint = route.takesYaml
    ? 'curl -H "Content-Type: application/yaml" --data-binary @polyaxonfile.yml'
    : 'curl -H "Content-Type: application/json" -d \'{}\'';
  return fault('unsupported_media_type', `${sent}: send ${allowed}, as in ${hint}.`);
}

/** How the value of a body of an accepted size and type is read; an empty body is `{}`. */
export type ParseBody = (
  route: AnyRoute,
  bytes: Uint8Array,
  contentType: string | undefined,
) => Result<Json, Fault> | Promise<Result<Json, Fault>>;

/** Reads JSON. */
export const parseBody = (route: AnyRoute, bytes: Uint8Array): Result<Json, Fault> => {
  const text = decode(bytes);
  if (!text.ok) return text;
  if (text.value.trim() === '') return ok({});
  const json = parseJson(text.value, { bareWords: route.takesBareWords });
  if (!json.ok) return err(fault('malformed_body', `${json.fault}.`));
  const mistakes: Mistake[] = [];
  if (isJson(json.value, '', mistakes)) return json;
  return err(refuse('request', mistakes));
};
