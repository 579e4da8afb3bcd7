import { useTable } from '@tanstack/preact-table';
import { useMemo, useRef, useState } from 'preact/hooks';
import { csvRecord } from '../../cli/show/csv.ts';
import { download } from '../download.ts';
import { plural } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Frame } from '../parts/frame.tsx';
import { SortHead } from '../parts/sort-head.tsx';
import { Status } from '../parts/status.tsx';
import { useVirtual } from '../parts/use-virtual.ts';
import { Compare } from './compare.tsx';
import type { Experiments, Row } from './experiments.ts';
import type { Shown } from './shown.ts';
import type { Column } from './table-columns.ts';
import { columnsOf, definitionsOf, features } from './table-columns.ts';
import { TableFilters } from './table-filters.tsx';
import { useTexts } from './table-texts.ts';

/** As the style sheet has it, px. */
const ROW_HEIGHT = 36;
const COMPARED_MAX = 8;

function filtered(
  rows: readonly Row[],
  textOf: (row: Row) => string,
  { status, text, numbers }: Shown,
): readonly Row[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (status === '' || row.status === status) &&
      (numbers === null || numbers.has(row.number)) &&
      (wanted === '' || textOf(row).includes(wanted)),
  );
}

interface TableProps {
  readonly group: string;
  readonly experiments: Experiments;
  readonly shown: Shown;
  readonly onShown: (shown: Shown) => void;
}

const Cell = ({
  column,
  row,
  group,
}: {
  readonly column: Column;
  readonly row: Row;
  readonly group: string;
}) => {
  const value = column.of(row);
  if (column.id === 'number') {
    return (
      <th scope="row" class="numeric">
        <a href={`/groups/${group}/experiments/${row.number}`}>{row.number}</a>
      </th>
    );
  }
  return (
    <td class={column.isNumeric ? 'numeric' : undefined} title={column.show(value)}>
      {column.id === 'status' ? <Status status={row.status} /> : column.show(value)}
    </td>
  );
};

/** All experiments of a group in a table: sorted, filtered, compared, saved. Only the rows that are seen are drawn. */
export function ExperimentTable({ group, experiments, shown, onShown }: TableProps) {
  const [compares, setCompares] = useState(false);
  const frame = useRef<HTMLElement>(null);
  const { rows, objective, parameters } = experiments;
  const hasRungs = rows.some(({ rung }) => rung !== null);
  const shape = JSON.stringify([objective, parameters, hasRungs]);
  // A poll brings new rows, but the same columns.
  const columns = useMemo(() => columnsOf(experiments), [shape, rows.length === 0]);
  const definitions = useMemo(() => definitionsOf(columns), [columns]);
  const textOf = useTexts(rows, columns);
  const data = useMemo(() => filtered(rows, textOf, shown), [rows, textOf, shown]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: (row) => String(row.number),
    enableSortingRemoval: false,
    initialState: {
      columnVisibility: Object.fromEntries(
        columns.filter(({ startsHidden }) => startsHidden === true).map(({ id }) => [id, false]),
      ),
    },
  });
  const { sorting, columnVisibility, rowSelection } = table.state;
  const visible = columns.filter(({ id }) => columnVisibility[id] !== false);
  const sorted = table.getRowModel().rows;
  const { indices, before, after } = useVirtual({
    count: sorted.length,
    frame,
    rowHeight: ROW_HEIGHT,
  });
  const [by] = sorting;
  const chosen = rows.filter(({ number }) => rowSelection[number] === true);

  const save = (): void => {
    const records = sorted.map(({ original }) => csvRecord(visible.map(({ of }) => of(original))));
    download(`${group}-table.csv`, 'text/csv', [
      csvRecord(visible.map(({ title }) => title)),
      ...records,
    ]);
  };

  return (
    <div class="page-part">
      <TableFilters
        shown={shown}
        onShown={onShown}
        columns={columns.filter(({ id }) => id !== 'number')}
        isVisible={(id) => columnVisibility[id] !== false}
        toggle={(id) => table.getColumn(id)?.toggleVisibility()}
      />
      <div class="table-bar">
        <p role="status">
          {data.length === rows.length
            ? plural(rows.length, 'experiment')
            : `${data.length.toLocaleString('en')} of ${plural(rows.length, 'experiment')}`}
          {experiments.isCut ? ', the first of more' : ''}
        </p>
        <div class="actions">
          <Button onClick={() => table.resetRowSelection()} disabled={chosen.length === 0}>
            Select none
          </Button>
          <Button
            look="primary"
            disabled={chosen.length < 2 || chosen.length > COMPARED_MAX}
            title={`Select 2 to ${COMPARED_MAX} experiments`}
            onClick={() => setCompares(true)}
          >
            Compare {chosen.length > 0 ? chosen.length : ''}
          </Button>
          <Button onClick={save}>Save as CSV</Button>
        </div>
      </div>
      <Frame look="long" label="Experiments" frame={frame}>
        <table aria-rowcount={sorted.length + 1}>
          <caption class="hidden-visually">Experiments of the group</caption>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">
                <span class="hidden-visually">Selected</span>
              </th>
              {visible.map(({ id, title, isNumeric }) => (
                <SortHead
                  key={id}
                  name={id}
                  numeric={isNumeric}
                  sorting={by === undefined ? null : { by: by.id, descending: by.desc }}
                  onSort={({ by: column, descending }) =>
                    table.setSorting([{ id: column, desc: descending }])
                  }
                >
                  {title}
                </SortHead>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr class="spacer" style={{ height: `${before}px` }} />
            {indices.map((index) => {
              const row = sorted[index];
              if (row === undefined) return null;
              return (
                <tr key={row.id} aria-rowindex={index + 2} data-selected={row.getIsSelected()}>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={`Select experiment ${row.id}`}
                      checked={row.getIsSelected()}
                      onClick={row.getToggleSelectedHandler()}
                    />
                  </td>
                  {visible.map((column) => (
                    <Cell key={column.id} column={column} row={row.original} group={group} />
                  ))}
                </tr>
              );
            })}
            <tr class="spacer" style={{ height: `${after}px` }} />
          </tbody>
        </table>
        {sorted.length === 0 ? (
          <p class="table-empty">
            {rows.length === 0
              ? 'No experiment has been handed out yet.'
              : 'No experiment matches.'}
          </p>
        ) : null}
      </Frame>
      {compares ? (
        <Compare group={group} columns={columns} rows={chosen} onClose={() => setCompares(false)} />
      ) : null}
    </div>
  );
}
