import { Dialog } from '../parts/dialog.tsx';
import { Frame } from '../parts/frame.tsx';
import { Status } from '../parts/status.tsx';
import type { Row } from './experiments.ts';
import type { Column } from './table-columns.ts';

interface CompareProps {
  readonly group: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly onClose: () => void;
}

/** Experiments side by side: a row for each of their columns, marked where they differ. */
export const Compare = ({ group, columns, rows, onClose }: CompareProps) => (
  <Dialog title={`${rows.length} experiments side by side`} wide onClose={onClose}>
    <Frame label="Comparison">
      <table class="compare">
        <caption>Rows in which they differ are marked.</caption>
        <thead>
          <tr>
            <th scope="col">Experiment</th>
            {rows.map(({ number }) => (
              <th scope="col" key={number} class="numeric">
                <a href={`/groups/${group}/experiments/${number}`}>{number}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns
            .filter(({ id }) => id !== 'number')
            .map(({ id, title, of, show }) => {
              const texts = rows.map((row) => show(of(row)));
              const differs = new Set(texts).size > 1;
              return (
                <tr key={id} data-differs={differs}>
                  <th scope="row">
                    {title}
                    {differs ? <span class="hidden-visually">, they differ</span> : null}
                  </th>
                  {rows.map((row, i) => (
                    <td key={row.number} class="numeric">
                      {id === 'status' ? <Status status={row.status} /> : texts[i]}
                    </td>
                  ))}
                </tr>
              );
            })}
        </tbody>
      </table>
    </Frame>
  </Dialog>
);
