import type { Experiment } from '../../cli/answers.ts';
import { shortNumber, shortValue } from '../format.ts';
import { Code } from '../parts/code.tsx';
import { Frame } from '../parts/frame.tsx';

const Pairs = ({
  caption,
  pairs,
}: {
  readonly caption: string;
  readonly pairs: Readonly<Record<string, unknown>>;
}) => (
  <Frame look="bare" label={caption}>
    <table>
      <caption>{caption}</caption>
      <tbody>
        {Object.entries(pairs).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="numeric exact">
              {typeof value === 'string' || typeof value === 'number' ? value : shortValue(value)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Frame>
);

/** What an experiment is run with: its values, the document's declarations, the command. */
export const ExperimentValues = ({ experiment }: { readonly experiment: Experiment }) => (
  <section class="panel">
    <h2>Values</h2>
    <Pairs caption="Of the parameters" pairs={experiment.values} />
    {Object.keys(experiment.declarations).length === 0 ? null : (
      <Pairs caption="Declared in the document, the same for all" pairs={experiment.declarations} />
    )}
    {experiment.command === null ? null : <Code text={experiment.command} label="Command" />}
    {experiment.checkpoint === null ? null : (
      <p class="small">
        Checkpoint <code>{experiment.checkpoint}</code>
      </p>
    )}
  </section>
);

/** The metrics that were reported, each by its newest value and its range. */
export const Metrics = ({ experiment }: { readonly experiment: Experiment }) => (
  <Frame look="bare" label="Metrics">
    <table>
      <caption>Metrics</caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="numeric">
            Last
          </th>
          <th scope="col" class="numeric">
            Least
          </th>
          <th scope="col" class="numeric">
            Most
          </th>
          <th scope="col" class="numeric">
            Step
          </th>
          <th scope="col" class="numeric">
            Count
          </th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(experiment.metrics).map(([name, { last, min, max, step, count }]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {[last, min, max, step, count].map((value, i) => (
              <td key={i} class="numeric">
                {shortNumber(value)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </Frame>
);
