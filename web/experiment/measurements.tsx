import type { Experiment, Measurement } from '../../cli/answers.ts';
import { csvRecord } from '../../cli/show/csv.ts';
import { download } from '../download.ts';
import { longTime, plural, shortNumber } from '../format.ts';
import { pathOf } from '../group/experiments.ts';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { Frame } from '../parts/frame.tsx';
import { Failure } from '../parts/states.tsx';
import { Measurements as MeasurementPlot } from '../plots/measurements.tsx';
import { Metrics } from './values.tsx';

const INTERVAL_MS = 2_000;
const PAGE = 200;
/** 10,000 measurements: what a plot can show. */
const PAGES_MAX = 50;
const ROWS_MAX = 200;

const FIELDS = ['metric', 'step', 'value', 'attempt', 'reported_at'] as const;

/** Everything that was reported about an experiment, live while it runs. */
export function Measurements({ experiment }: { readonly experiment: Experiment }) {
  const path = `${pathOf(experiment.group)}/experiments/${experiment.number}/measurements`;
  const isOver = experiment.finished_at !== null;
  const { data, error } = useLive(
    `${path} ${isOver}`,
    (signal) => readPages<Measurement>(path, { query: { limit: PAGE }, pages: PAGES_MAX, signal }),
    isOver ? null : INTERVAL_MS,
  );
  const items = data?.items ?? [];
  const newest = items.slice(-ROWS_MAX).reverse();
  const save = (): void =>
    download(`experiment-${experiment.number}.csv`, 'text/csv', [
      csvRecord(FIELDS),
      ...items.map((item) => csvRecord(FIELDS.map((field) => item[field]))),
    ]);
  return (
    <section class="panel measurements">
      <h2>Measurements</h2>
      <Failure error={error} />
      <Metrics experiment={experiment} />
      {Object.keys(experiment.metrics).map((metric) => (
        <div key={metric} class="measurement-plot">
          {data === null ? null : <MeasurementPlot metric={metric} measurements={items} />}
        </div>
      ))}
      <details>
        <summary>
          {plural(items.length, 'measurement')}
          {data?.hasMore === true ? ', the first of more' : ''}
        </summary>
        <Button onClick={save}>Save as CSV</Button>
        <Frame label="Measurements">
          <table>
            <caption>
              {items.length > ROWS_MAX ? `The newest ${ROWS_MAX}, newest first` : 'Newest first'}
            </caption>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col" class="numeric">
                  Step
                </th>
                <th scope="col" class="numeric">
                  Value
                </th>
                <th scope="col" class="numeric">
                  Attempt
                </th>
                <th scope="col">Reported</th>
              </tr>
            </thead>
            <tbody>
              {newest.map((item, i) => (
                <tr key={items.length - i}>
                  <th scope="row">{item.metric}</th>
                  <td class="numeric">{shortNumber(item.step)}</td>
                  <td class="numeric">{shortNumber(item.value)}</td>
                  <td class="numeric">{item.attempt}</td>
                  <td>{longTime(item.reported_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Frame>
      </details>
    </section>
  );
}
