import { parseYaml } from '../contract/yaml.ts';
import { fault } from '../domain/faults.ts';
import { err } from '../domain/result.ts';
import type { ParseBody } from './body.ts';
import { decode, isYaml, parseBody } from './body.ts';

/** Reads YAML or JSON, by the content type. A file of its own, as only documents come as YAML and its parser is large. */
export const parseYamlBody: ParseBody = (route, bytes, contentType) => {
  const text = isYaml(contentType) ? decode(bytes) : null;
  if (text === null || (text.ok && text.value.trim() === '')) {
    return parseBody(route, bytes, contentType);
  }
  if (!text.ok) return text;
  const yaml = parseYaml(text.value);
  if (yaml.ok) return yaml;
  const { message, line, column } = yaml.fault;
  const detail = `The YAML does not parse at line ${line}, column ${column}: ${message}`;
  return err(fault('malformed_body', detail));
};
