import { useEffect, useState } from 'preact/hooks';
import type { Preview } from '../../cli/answers.ts';
import { parseYaml } from '../../lib/contract/yaml.ts';
import { call, key, ProblemError } from '../api.ts';
import type { Finding } from './findings.ts';
import { findingsOf, syntaxFinding } from './findings.ts';

/** What is known of a document. */
export interface Checked {
  /** The text that this is about. */
  readonly text: string | null;
  readonly findings: readonly Finding[];
  /** What the newest document without mistakes would run. */
  readonly preview: Preview | null;
  /** Why nothing can be said: nobody answers, or the caller may not ask. */
  readonly error: Error | null;
}

/** So long nothing is typed before the service is asked, ms. */
const PAUSE_MS = 400;

const NOTHING: Checked = { text: null, findings: [], preview: null, error: null };

type Outcome = Pick<Checked, 'findings' | 'error'> & { readonly preview?: Preview };

/** Reads a text here, where it is no YAML; else asks the service what it would run. */
async function check(text: string, signal: AbortSignal): Promise<Outcome> {
  const yaml = parseYaml(text);
  if (!yaml.ok) return { findings: [syntaxFinding(text, yaml.fault)], error: null };
  try {
    const preview = await call<Preview>('POST', '/v1/groups/preview', { body: text, signal });
    return { findings: findingsOf(text, preview.warnings, 'warning'), preview, error: null };
  } catch (thrown) {
    if (thrown instanceof ProblemError && thrown.problem.errors.length > 0) {
      return { findings: findingsOf(text, thrown.problem.errors, 'error'), error: null };
    }
    return { findings: [], error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }
}

/** Returns what is known of a document while it is being written. */
export function useChecked(text: string): Checked {
  const [checked, setChecked] = useState(NOTHING);
  const opened = key.value;
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      const outcome = await check(text, abort.signal);
      if (!abort.signal.aborted) setChecked((before) => ({ ...before, ...outcome, text }));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
    // Another key may be allowed to ask.
  }, [text, opened]);
  return checked;
}
