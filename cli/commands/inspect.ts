import { openTable } from '../../lib/runtime/table.ts';
import { inspectGroups } from '../../lib/service/inspect.ts';
import { EXIT } from '../failure.ts';
import { print, printJson } from '../show/screen.ts';
import { atTable } from '../table.ts';

export interface InspectOptions {
  readonly table: string;
  readonly region?: string;
  readonly json?: boolean;
}

/** Prints what does not fit together in each group of a table; fails where there is something. */
export async function inspect(options: InspectOptions): Promise<number> {
  const { table, json } = options;
  const region = options.region ?? null;
  const { ports } = openTable(table, region);
  let groups = 0;
  let torn = 0;
  const look = async (): Promise<void> => {
    for await (const { group, findings } of inspectGroups(ports)) {
      groups++;
      if (findings.length > 0) torn++;
      if (json === true) printJson({ group, findings });
      else for (const finding of findings) print(`${group}  ${finding}`);
    }
  };
  try {
    await atTable({ table, region }, look());
  } finally {
    await ports.store.close();
  }
  if (json !== true) print(`groups whose items fit together: ${groups - torn} of ${groups}`);
  return torn === 0 ? EXIT.done : EXIT.failed;
}
