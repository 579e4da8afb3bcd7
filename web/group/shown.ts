/** Which experiments the table shows. */
export interface Shown {
  readonly status: string;
  readonly text: string;
  /** Only these numbers; null for all. */
  readonly numbers: ReadonlySet<number> | null;
}

/** All of them. */
export const SHOW_ALL: Shown = { status: '', text: '', numbers: null };
