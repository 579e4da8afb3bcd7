import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Json } from '../lib/domain/values.ts';
import type { Preview } from './answers.ts';
import type { Service, TextBody } from './client.ts';
import { expectAnswer } from './client.ts';
import { EXIT, Failure, reasonOf } from './failure.ts';

/** A document as it was read, not yet parsed. */
export interface Source {
  /** How it is called in messages. */
  readonly name: string;
  readonly body: TextBody;
}

const JSON_TYPE = 'application/json';
const YAML_TYPE = 'application/yaml';
const TYPES: Readonly<Record<string, string>> = {
  '.json': JSON_TYPE,
  '.yml': YAML_TYPE,
  '.yaml': YAML_TYPE,
};

const refuse = (message: string): Failure =>
  new Failure(message, { exitCode: EXIT.badDocument, code: 'unreadable_document' });

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    throw refuse(`${file} cannot be read (${reasonOf(error)}).`);
  }
}

/**
 * Reads a document from a file, or from standard input where it is `-`. It is JSON where the name ends in .json, or
 * where the name does not tell and the text starts with {; else YAML.
 *
 * Throws a `Failure` where there is no such file or its bytes are no text.
 */
export async function readSource(file: string): Promise<Source> {
  const bytes = await bytesOf(file);
  const name = file === '-' ? 'standard input' : file;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const type =
      TYPES[extname(file).toLowerCase()] ??
      (text.trimStart().startsWith('{') ? JSON_TYPE : YAML_TYPE);
    return { name, body: { text, type } };
  } catch {
    throw refuse(`${name} is not valid UTF-8.`);
  }
}

/** Parses a document. Throws a `Failure` where its text is not well-formed. */
export async function parseSource({ name, body }: Source): Promise<Json> {
  const { parseJson } = await import('../lib/contract/json-body.ts');
  const { parseYaml } = await import('../lib/contract/yaml.ts');
  if (body.type === JSON_TYPE) {
    const json = parseJson(body.text, { bareWords: false });
    if (json.ok) return json.value;
    throw refuse(`${json.fault.replace(/^the body/i, name)}.`);
  }
  const yaml = parseYaml(body.text);
  if (yaml.ok) return yaml.value;
  const { message, line, column } = yaml.fault;
  throw refuse(`${name} does not parse: line ${line}, column ${column}: ${message}.`);
}

/**
 * Returns what a document would run, found out without a service.
 *
 * Throws a `Failure` with every mistake where it is none.
 */
export async function previewHere(source: Source): Promise<Preview> {
  const [{ previewGroup }, { previewToWire }, { createCalls }, { LIMITS }] = await Promise.all([
    import('../lib/service/groups.ts'),
    import('../lib/contract/wire.ts'),
    import('../lib/runtime/call.ts'),
    import('../lib/domain/limits.ts'),
  ]);
  const spec = await parseSource(source);
  const preview = previewGroup(createCalls(Date.now)(), spec, LIMITS.previewPoints);
  if (preview.ok) return previewToWire(preview.value);
  const { code, errors = [] } = preview.fault;
  throw badDocument(source, code, errors);
}

function badDocument(source: Source, code: string, mistakes: Failure['mistakes']): Failure {
  const count = mistakes.length;
  const what =
    code === 'not_supported'
      ? 'asks for what this version does not support yet'
      : `has ${count === 1 ? 'a mistake' : `${count} mistakes`}`;
  return new Failure(`${source.name} ${what}`, { exitCode: EXIT.badDocument, code, mistakes });
}

/** Statuses by which a service refuses the document itself. */
const REFUSES_DOCUMENT = new Set([400, 413, 415, 422]);

/** Returns what a document would run on a service, which may know more than this version of the command line. */
export async function previewAt(service: Service, source: Source): Promise<Preview> {
  const result = await service.call('previewGroup', { textBody: source.body });
  if (!result.ok && result.fault.errors.length > 0) {
    throw badDocument(source, result.fault.code, result.fault.errors);
  }
  const isRefused = !result.ok && REFUSES_DOCUMENT.has(result.fault.status ?? 0);
  return expectAnswer(result, isRefused ? EXIT.badDocument : EXIT.failed);
}
