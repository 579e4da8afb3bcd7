import { useState } from 'preact/hooks';
import type { Answer } from '../../cli/answers.ts';
import { Button } from '../parts/button.tsx';
import { Read } from '../parts/read.tsx';
import { BestSoFar } from '../plots/best-so-far.tsx';
import { Importance } from '../plots/importance.tsx';
import { Parallel } from '../plots/parallel.tsx';
import { pathOf } from './experiments.ts';
import type { PartProps } from './part.ts';

/** A forest is grown for each answer. */
const IMPORTANCE_INTERVAL_MS = 30_000;

interface OverviewProps extends PartProps {
  /** Shows the experiments with these numbers in the table. */
  readonly onTable: (numbers: readonly number[]) => void;
}

/** How the search goes, and what matters in it. */
export function Overview({ group, experiments, matrix, isOver, onTable }: OverviewProps) {
  const [brushed, setBrushed] = useState<readonly number[] | null>(null);
  return (
    <div class="page-part">
      <div class="columns">
        <section class="panel">
          <h2>Best so far</h2>
          <BestSoFar drawn={experiments} />
        </section>
        <section class="panel">
          <h2>Importance</h2>
          <Read<Answer<'importance'>>
            what="the importance of the parameters"
            path={`${pathOf(group.id)}/importance`}
            pause={isOver ? null : IMPORTANCE_INTERVAL_MS}
          >
            {(importance) => <Importance importance={importance} />}
          </Read>
        </section>
      </div>
      <section class="panel">
        <div class="panel-head">
          <h2>All values at once</h2>
          <Button
            disabled={brushed === null || brushed.length === 0}
            onClick={() => onTable(brushed ?? [])}
          >
            Show the brushed ones in the table
          </Button>
        </div>
        <Parallel drawn={experiments} matrix={matrix} onSelect={setBrushed} />
      </section>
    </div>
  );
}
