import { useState } from 'preact/hooks';
import type { Experiment, Group } from '../../cli/answers.ts';
import { csvRecord } from '../../cli/show/csv.ts';
import { columnsOf, experimentFields, experimentTitles } from '../../cli/show/experiment-csv.ts';
import { download } from '../download.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/states.tsx';
import { pathOf } from './experiments.ts';

/** The same columns as `rungwise export --format csv`. */
function csvOf(experiments: readonly Experiment[]): readonly string[] {
  const columns = columnsOf(experiments);
  return [
    csvRecord(experimentTitles(columns)),
    ...experiments.map((experiment) => csvRecord(experimentFields(columns, experiment))),
  ];
}

const jsonLinesOf = (experiments: readonly Experiment[]): readonly string[] =>
  // A lease is a secret of its worker and nothing about the experiment.
  experiments.map(({ lease: _lease, ...kept }) => `${JSON.stringify(kept)}\n`);

const FORMATS = {
  CSV: { ending: 'csv', type: 'text/csv', write: csvOf },
  JSONL: { ending: 'jsonl', type: 'application/jsonl', write: jsonLinesOf },
} as const;

type Format = keyof typeof FORMATS;
const NAMES = ['CSV', 'JSONL'] as const satisfies readonly Format[];

/** Buttons that save every experiment of a group. */
export function ExportButtons({ group }: { readonly group: Group }) {
  const [busy, setBusy] = useState<Format | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const save = async (format: Format): Promise<void> => {
    setBusy(format);
    setError(null);
    try {
      const { items } = await readPages<Experiment>(`${pathOf(group.id)}/experiments`, {
        query: { limit: 200 },
        pages: Number.POSITIVE_INFINITY,
        signal: new AbortController().signal,
      });
      const { ending, type, write } = FORMATS[format];
      download(`${group.name ?? group.id}.${ending}`, type, write(items));
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    setBusy(null);
  };
  return (
    <>
      {NAMES.map((format) => (
        <Button key={format} busy={busy === format} onClick={() => void save(format)}>
          {format}
          <span class="hidden-visually"> export of all experiments</span>
        </Button>
      ))}
      <Failure error={error} />
    </>
  );
}
