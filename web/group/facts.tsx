import type { ComponentChildren } from 'preact';
import type { Group } from '../../cli/answers.ts';
import { duration, shortNumber, shortValue } from '../format.ts';
import { Progress } from '../parts/progress.tsx';
import { present } from '../parts/time-ago.tsx';
import type { Experiments } from './experiments.ts';
import { endedOf, remainingMs } from './figures.ts';

const Fact = ({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Times({ group, experiments }: FactsProps) {
  const since = Date.parse(group.created_at);
  const end = group.finished_at === null ? present() : Date.parse(group.finished_at);
  const left = experiments === null ? null : remainingMs(group, experiments.records);
  return (
    <>
      <span class="figure">{duration(Math.max(0, end - since))}</span>
      <span class="soft small">
        {left === null
          ? group.finished_at === null
            ? 'since it was created'
            : 'from creation to end'
          : `about ${duration(left)} to go`}
      </span>
    </>
  );
}

interface FactsProps {
  readonly group: Group;
  readonly experiments: Experiments | null;
}

/** The figures of a group. */
export function Facts({ group, experiments }: FactsProps) {
  const { best, progress } = group;
  return (
    <dl class="facts">
      <Fact name={best === null ? 'Best' : `Best ${best.metric}`}>
        <span class="figure">{shortNumber(best?.value ?? null)}</span>
        <span class="soft small">
          {best === null ? (
            'no result yet'
          ) : (
            <a href={`/groups/${group.id}/experiments/${best.number}`}>experiment {best.number}</a>
          )}
        </span>
      </Fact>
      <Fact name="Ended">
        <span class="figure">{endedOf(group).toLocaleString('en')}</span>
        <Progress done={endedOf(group)} of={progress.planned} label="Ended experiments" />
      </Fact>
      <Fact name="Running">
        <span class="figure">{progress.running}</span>
        <span class="soft small">{progress.queued} queued</span>
      </Fact>
      <Fact name="Failed">
        <span class="figure">{progress.failed + progress.infeasible}</span>
        <span class="soft small">{progress.stopped} stopped early</span>
      </Fact>
      <Fact name="Time">
        <Times group={group} experiments={experiments} />
      </Fact>
      <div class="fact fact-wide">
        <dt>Best values</dt>
        <dd>
          {best === null ? (
            <span class="soft">known once an experiment has succeeded</span>
          ) : (
            <ul class="values">
              {Object.entries(best.values).map(([name, value]) => (
                <li key={name}>
                  <span class="soft">{name}</span> {shortValue(value)}
                </li>
              ))}
            </ul>
          )}
        </dd>
      </div>
    </dl>
  );
}
