import type { ComponentChildren } from 'preact';
import type { Preview } from '../../cli/answers.ts';
import { plural, shortNumber, shortValue } from '../format.ts';

type Parameter = Preview['parameters'][number];
type Bracket = NonNullable<Preview['brackets']>[number];

/** Values of a parameter that are shown; the first ones say enough. */
const VALUES_SHOWN = 8;

/** Points that are shown without scrolling far. */
const POINTS_SHOWN = 10;

const valuesOf = ({ values, size }: Parameter): string => {
  const shown = values.slice(0, VALUES_SHOWN).map(shortValue).join(', ');
  return (size ?? Number.POSITIVE_INFINITY) > Math.min(values.length, VALUES_SHOWN)
    ? `${shown}, …`
    : shown;
};

/** A table that scrolls by itself, by keyboard too. */
const Framed = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
  <section class="table-frame" aria-label={label} tabIndex={0}>
    {children}
  </section>
);

const Parameters = ({ parameters }: { readonly parameters: readonly Parameter[] }) => (
  <Framed label="Parameters">
    <table>
      <caption>Parameters; where there is no end of values, some that the search draws</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Kind</th>
          <th scope="col" class="numeric">
            Values
          </th>
          <th scope="col">Such as</th>
        </tr>
      </thead>
      <tbody>
        {parameters.map((parameter) => (
          <tr key={parameter.name}>
            <th scope="row">{parameter.name}</th>
            <td>{parameter.kind}</td>
            <td class="numeric">{parameter.size === null ? '∞' : shortNumber(parameter.size)}</td>
            <td class="wrapping">{valuesOf(parameter)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Framed>
);

const Brackets = ({ brackets }: { readonly brackets: readonly Bracket[] }) => {
  const columns = Math.max(...brackets.map(({ rungs }) => rungs.length));
  const indexes = Array.from({ length: columns }, (_, index) => index);
  return (
    <Framed label="Brackets and rungs">
      <table>
        <caption>Brackets and rungs: experiments × resource of each</caption>
        <thead>
          <tr>
            <th scope="col">Bracket</th>
            {indexes.map((index) => (
              <th scope="col" key={index} class="numeric">
                Rung {index}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {brackets.map(({ bracket, rungs }) => (
            <tr key={bracket}>
              <th scope="row">{bracket}</th>
              {indexes.map((index) => {
                const rung = rungs[index];
                return (
                  <td key={index} class="numeric">
                    {rung && `${shortNumber(rung.experiments)} × ${shortNumber(rung.resource)}`}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Framed>
  );
};

const Points = ({ preview: { parameters, points, planned } }: { readonly preview: Preview }) => {
  const shown = points.slice(0, POINTS_SHOWN);
  const names = Object.keys(points[0] ?? {});
  const known = parameters.map(({ name }) => name);
  // The resource comes after the parameters.
  const columns = [...known, ...names.filter((name) => !known.includes(name))];
  return (
    <Framed label="First points">
      <table>
        <caption>
          The first {shown.length} of {plural(planned, 'experiment')}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="numeric">
              Number
            </th>
            {columns.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((values, index) => (
            <tr key={index}>
              <th scope="row" class="numeric">
                {index + 1}
              </th>
              {columns.map((name) => (
                <td key={name}>{shortValue(values[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Framed>
  );
};

const Commands = ({ commands }: { readonly commands: readonly string[] }) => (
  <section aria-label="Commands">
    <h3>The first commands</h3>
    <ol class="commands">
      {commands.map((command) => (
        <li key={command}>
          <code>{command}</code>
        </li>
      ))}
    </ol>
  </section>
);

/** What a document would run. */
export const PreviewPanel = ({ preview }: { readonly preview: Preview }) => (
  <>
    <p class="preview-lead">
      <strong>{preview.algorithm_detail}</strong>
    </p>
    {preview.brackets === null ? null : <Brackets brackets={preview.brackets} />}
    <Parameters parameters={preview.parameters} />
    <Points preview={preview} />
    {preview.commands === null ? (
      <p class="soft">
        The document has no <code>run.cmd</code>: workers ask for values and report by HTTP.
      </p>
    ) : (
      <Commands commands={preview.commands} />
    )}
  </>
);
