import type { ComponentChildren } from 'preact';

/** By which column a table is sorted, and which way. */
export interface Sorting {
  readonly by: string;
  readonly descending: boolean;
}

interface SortHeadProps {
  /** The column's name in `Sorting`. */
  readonly name: string;
  readonly sorting: Sorting | null;
  readonly onSort: (sorting: Sorting) => void;
  readonly children: ComponentChildren;
  readonly numeric?: boolean;
}

/** The head of a column that sorts its table: once up, once more down. */
export function SortHead({ name, sorting, onSort, children, numeric = false }: SortHeadProps) {
  const isSorted = sorting?.by === name;
  const isDown = isSorted && sorting.descending;
  return (
    <th
      scope="col"
      class={numeric ? 'numeric' : undefined}
      aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        class="sort"
        onClick={() => onSort({ by: name, descending: isSorted && !isDown })}
      >
        {children}
        <span aria-hidden="true" class="sort-mark">
          {isSorted ? (isDown ? '▼' : '▲') : ''}
        </span>
      </button>
    </th>
  );
}
