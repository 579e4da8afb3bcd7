import { useState } from 'preact/hooks';
import type { Answer } from '../../cli/answers.ts';
import { Read } from '../parts/read.tsx';
import { EmptyState } from '../parts/states.tsx';
import { Contour } from '../plots/contour.tsx';
import { ParameterScatter } from '../plots/parameter-scatter.tsx';
import { pathOf } from './experiments.ts';
import type { PartProps } from './part.ts';

/** A surrogate is fitted for each answer. */
const CONTOUR_INTERVAL_MS = 30_000;

interface ChoiceProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}

const Choice = ({ label, names, chosen, onChoose }: ChoiceProps) => (
  <label class="field">
    <span>{label}</span>
    <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  </label>
);

/** What the surrogate expects over two parameters. */
function Surface({
  group,
  experiments,
  isOver,
  names,
}: PartProps & { readonly names: readonly string[] }) {
  const [x, setX] = useState(names[0] ?? '');
  const [y, setY] = useState(names[1] ?? '');
  return (
    <section class="panel">
      <h2>Two parameters</h2>
      <div class="filters">
        <Choice
          label="Across"
          names={names.filter((name) => name !== y)}
          chosen={x}
          onChoose={setX}
        />
        <Choice
          label="Upwards"
          names={names.filter((name) => name !== x)}
          chosen={y}
          onChoose={setY}
        />
      </div>
      <Read<Answer<'contour'>>
        what="the surrogate"
        path={`${pathOf(group.id)}/contour`}
        query={{ x, y }}
        pause={isOver ? null : CONTOUR_INTERVAL_MS}
      >
        {(contour) => <Contour contour={contour} drawn={experiments} />}
      </Read>
    </section>
  );
}

/** One parameter against the metric, and two against the surrogate. */
export function Parameters(props: PartProps) {
  const { experiments, matrix } = props;
  const names = Object.keys(matrix);
  const [chosen, setChosen] = useState(names[0] ?? '');
  if (names.length === 0) return <EmptyState title="The matrix has no parameters" />;
  return (
    <div class="columns">
      <section class="panel">
        <h2>One parameter</h2>
        <div class="filters">
          <Choice label="Parameter" names={names} chosen={chosen} onChoose={setChosen} />
        </div>
        <ParameterScatter drawn={experiments} matrix={matrix} parameter={chosen} />
      </section>
      {names.length < 2 ? null : <Surface {...props} names={names} />}
    </div>
  );
}
