import { fault } from '../domain/faults.ts';
import { err } from '../domain/result.ts';
import type { ParseBody } from './body.ts';
import { decode, isYaml, parseBody } from './body.ts';

/** Reads YAML or JSON, by the content type. The parser is large, so that it is loaded with the first YAML. */
export const parseYamlBody: ParseBody = async (route, bytes, contentType) => {
  const text = isYaml(contentType) ? decode(bytes) : null;
  if (text === null || (text.ok && text.value.trim() === '')) {
    return parseBody(route, bytes);
  }
  if (!text.ok) return text;
  const { parseYaml } = await import('../contract/yaml.ts');
  const yaml = parseYaml(text.value);
  if (yaml.ok) return yaml;
  const { message, line, column } = yaml.fault;
  const detail = `The YAML does not parse at line ${line}, column ${column}: ${message}`;
  return err(fault('malformed_body', detail));
};
