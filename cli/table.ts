import { Failure, reasonOf } from './failure.ts';

/** Does work on a table of AWS: what AWS refuses is told in one sentence. */
export async function atTable<R>(
  { table, region }: { readonly table: string; readonly region: string | null },
  work: Promise<R>,
): Promise<R> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Failure || !(error instanceof Error)) throw error;
    const where = region === null ? '' : ` in ${region}`;
    throw new Failure(
      `the table ${table}${where} cannot be used (${error.name}: ${reasonOf(error)}): check its name, the region and your AWS credentials.`,
      { code: 'table_unusable' },
    );
  }
}
