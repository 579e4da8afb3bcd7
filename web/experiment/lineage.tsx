import type { Experiment } from '../../cli/answers.ts';
import { shortNumber } from '../format.ts';
import type { Row } from '../group/experiments.ts';
import { experimentsOf, readColumns } from '../group/experiments.ts';
import { useLive } from '../live.ts';
import { Frame } from '../parts/frame.tsx';
import { Failure } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';

/** Returns an experiment with those that it goes on from, the first one first, and all that go on from it. */
export function lineageOf(rows: readonly Row[], number: number): readonly Row[] {
  const byNumber = new Map(rows.map((row) => [row.number, row]));
  const line: Row[] = [];
  for (let row = byNumber.get(number); row !== undefined; row = byNumber.get(row.parent ?? 0)) {
    line.unshift(row);
  }
  const isBelow = new Set([number]);
  // A number is given later than that of the experiment which it continues.
  for (const row of rows) {
    if (row.parent === null || !isBelow.has(row.parent)) continue;
    isBelow.add(row.number);
    line.push(row);
  }
  return line;
}

/** Where an experiment came from and what became of it on the rungs. */
export function Lineage({ experiment }: { readonly experiment: Experiment }) {
  const { group, number } = experiment;
  const { data, error } = useLive(
    `lineage of ${group} ${experiment.status}`,
    (signal) => readColumns(group, signal),
    null,
  );
  const line = data === null ? [] : lineageOf(experimentsOf(data).rows, number);
  return (
    <section class="panel lineage">
      <h2>Through the rungs</h2>
      <Failure error={error} />
      <Frame look="bare" label="Through the rungs">
        <table>
          <caption>The same values, each time with more of the resource</caption>
          <thead>
            <tr>
              <th scope="col" class="numeric">
                Rung
              </th>
              <th scope="col" class="numeric">
                Resource
              </th>
              <th scope="col" class="numeric">
                Experiment
              </th>
              <th scope="col">Status</th>
              <th scope="col" class="numeric">
                Objective
              </th>
            </tr>
          </thead>
          <tbody>
            {line.map((row) => (
              <tr key={row.number}>
                <td class="numeric">{row.rung}</td>
                <td class="numeric">{row.resource}</td>
                <td class="numeric">
                  {row.number === number ? (
                    <strong aria-current="true">{row.number}</strong>
                  ) : (
                    <a href={`/groups/${group}/experiments/${row.number}`}>{row.number}</a>
                  )}
                </td>
                <td>
                  <Status status={row.status} />
                </td>
                <td class="numeric">{shortNumber(row.objective)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Frame>
    </section>
  );
}
