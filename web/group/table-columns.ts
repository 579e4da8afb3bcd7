import type { ColumnDef } from '@tanstack/preact-table';
import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSelectionFeature,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
} from '@tanstack/preact-table';
import { duration, shortNumber, shortValue } from '../format.ts';
import type { Experiments, Row } from './experiments.ts';

/** What the table of experiments can do. */
export const features = tableFeatures({
  columnVisibilityFeature,
  rowSelectionFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic, alphanumeric: sortFn_alphanumeric },
});

/** One column of the table of experiments. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly isNumeric: boolean;
  /** Undefined where the experiment has none: such rows stand last. */
  readonly of: (row: Row) => unknown;
  readonly show: (value: unknown) => string;
  readonly startsHidden?: boolean;
}

const text = (value: unknown): string => (value === undefined ? '–' : shortValue(value));
const number = (value: unknown): string =>
  typeof value === 'number' ? shortNumber(value) : text(value);
const length = (value: unknown): string => (typeof value === 'number' ? duration(value) : '–');
const time = (value: unknown): string =>
  typeof value === 'number' ? new Date(value).toLocaleString() : '–';

const durationOf = ({ startedMs, finishedMs }: Row): number | undefined =>
  startedMs === null || finishedMs === null ? undefined : finishedMs - startedMs;

/** The columns for the experiments of a group: its parameters between what all groups have. */
export function columnsOf({ objective, parameters, rows }: Experiments): readonly Column[] {
  const hasRungs = rows.some(({ rung }) => rung !== null);
  const plain = { isNumeric: false, show: text };
  const numeric = { isNumeric: true, show: number };
  return [
    { id: 'number', title: 'Number', ...numeric, of: ({ number: own }) => own },
    { id: 'status', title: 'Status', ...plain, of: ({ status }) => status },
    {
      id: 'objective',
      title: objective?.name ?? 'Objective',
      ...numeric,
      of: (row) => row.objective ?? undefined,
    },
    ...parameters.map((name, i) => ({
      id: `values.${name}`,
      title: name,
      isNumeric: rows.some(({ values }) => typeof values[i] === 'number'),
      show: text,
      of: ({ values }: Row) => values[i],
    })),
    ...(hasRungs
      ? [
          {
            id: 'bracket',
            title: 'Bracket',
            ...numeric,
            of: (row: Row) => row.bracket ?? undefined,
          },
          { id: 'rung', title: 'Rung', ...numeric, of: (row: Row) => row.rung ?? undefined },
          {
            id: 'resource',
            title: 'Resource',
            ...numeric,
            of: (row: Row) => row.resource ?? undefined,
          },
          {
            id: 'parent',
            title: 'Continues',
            ...numeric,
            of: (row: Row) => row.parent ?? undefined,
            startsHidden: true,
          },
        ]
      : []),
    { id: 'duration', title: 'Took', isNumeric: true, show: length, of: durationOf },
    { id: 'source', title: 'Source', ...plain, of: ({ source }) => source, startsHidden: true },
    {
      id: 'created',
      title: 'Created',
      isNumeric: true,
      show: time,
      of: (row) => row.createdMs ?? undefined,
      startsHidden: true,
    },
    {
      id: 'finished',
      title: 'Ended',
      isNumeric: true,
      show: time,
      of: (row) => row.finishedMs ?? undefined,
      startsHidden: true,
    },
  ];
}

/** The columns as the table's package takes them. */
export const definitionsOf = (columns: readonly Column[]): ColumnDef<typeof features, Row>[] =>
  columns.map(({ id, of, isNumeric }) => ({
    id,
    accessorFn: of,
    sortUndefined: 'last',
    sortFn: isNumeric ? 'basic' : 'alphanumeric',
    // The number is how a row is known.
    enableHiding: id !== 'number',
  }));
