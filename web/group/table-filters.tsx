import { Button } from '../parts/button.tsx';
import type { Shown } from './shown.ts';
import type { Column } from './table-columns.ts';

const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'infeasible', 'stopped'] as const;

interface FilterProps {
  readonly shown: Shown;
  readonly onShown: (shown: Shown) => void;
  readonly columns: readonly Column[];
  readonly isVisible: (id: string) => boolean;
  readonly toggle: (id: string) => void;
}

/** Narrows the table of experiments, and chooses its columns. */
export const TableFilters = ({ shown, onShown, columns, isVisible, toggle }: FilterProps) => (
  <div class="filters">
    <label class="field">
      <span>Text</span>
      <input
        type="search"
        value={shown.text}
        onInput={(event) => onShown({ ...shown, text: event.currentTarget.value })}
      />
    </label>
    <label class="field">
      <span>Status</span>
      <select
        value={shown.status}
        onChange={(event) => onShown({ ...shown, status: event.currentTarget.value })}
      >
        <option value="">any</option>
        {STATUSES.map((status) => (
          <option key={status}>{status}</option>
        ))}
      </select>
    </label>
    <details class="choice">
      <summary class="button">Columns</summary>
      <fieldset>
        <legend class="hidden-visually">Columns</legend>
        {columns.map(({ id, title }) => (
          <label key={id}>
            <input type="checkbox" checked={isVisible(id)} onChange={() => toggle(id)} />
            {title}
          </label>
        ))}
      </fieldset>
    </details>
    {shown.numbers === null ? null : (
      <Button onClick={() => onShown({ ...shown, numbers: null })}>
        Only the {shown.numbers.size} brushed ones ✕
      </Button>
    )}
  </div>
);
