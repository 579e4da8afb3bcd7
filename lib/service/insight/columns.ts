import type {
  ExperimentState,
  ExperimentStatus,
  RungPlace,
  Source,
} from '../../domain/experiment.ts';
import { isEnd, objectiveOf, statusAt } from '../../domain/experiment.ts';
import { LIMITS } from '../../domain/limits.ts';
import type { MetricValue } from '../../domain/measurement.ts';
import type { Values } from '../../domain/values.ts';
import { experimentKey } from '../../store/keys.ts';
import type { CurrentGroup } from '../current.ts';
import type { Ports } from '../ports.ts';

/** Experiments read at once: their items are let go of before the next ones come. */
const READ_STEP = 500;
/** Characters of a row beside its values, roughly. */
const ROW_CHARACTERS = 120;

/** What plots show of one experiment. */
export interface ColumnRow {
  readonly number: number;
  readonly status: ExperimentStatus;
  readonly source: Source;
  /** Null until it has ended. */
  readonly objective: MetricValue | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly values: Values;
  readonly rung: RungPlace | null;
  /** Number of the experiment that it continues. */
  readonly parent: number | null;
}

export interface ColumnPage {
  readonly rows: readonly ColumnRow[];
  /** Number of the last one on the page; null at the end. */
  readonly next: number | null;
}

/** Experiments of a group by number, after one; fewer than `limit` where their values are long. */
export async function readColumns(
  ports: Ports,
  { definition, head }: CurrentGroup,
  page: { readonly after: number; readonly limit: number },
): Promise<ColumnPage> {
  const { id } = definition.config;
  const { metric } = definition.document.hptuning.algorithm;
  const end = head.nextNumber - 1;
  const last = Math.min(end, page.after + page.limit);
  const at = ports.now();
  const rowOf = (experiment: ExperimentState): ColumnRow => {
    const { number, source, createdAt, startedAt, finishedAt, values, rung, resumeFrom } =
      experiment;
    const status = statusAt(experiment, at);
    const objective = isEnd(status) ? objectiveOf(experiment, metric) : null;
    const parent = resumeFrom?.number ?? null;
    return {
      ...{ number, status, source, objective, values, rung, parent },
      createdAt,
      startedAt,
      finishedAt,
    };
  };
  const rows: ColumnRow[] = [];
  let characters = 0;
  for (let first = page.after + 1; first <= last; first += READ_STEP) {
    const count = Math.min(READ_STEP, last - first + 1);
    const keys = Array.from({ length: count }, (_, offset) => experimentKey(id, first + offset));
    for (const item of await ports.store.getMany(keys)) {
      // One that was just given out may not be written yet.
      if (item === null) continue;
      const row = rowOf(item.body);
      characters += JSON.stringify(row.values).length + ROW_CHARACTERS;
      if (characters > LIMITS.columnCharacters && rows.length > 0) {
        return { rows, next: rows.at(-1)?.number ?? null };
      }
      rows.push(row);
    }
  }
  return { rows, next: last < end ? last : null };
}
