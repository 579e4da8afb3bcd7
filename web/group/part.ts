import type { Group } from '../../cli/answers.ts';
import type { Experiments } from './experiments.ts';

/** What every part of a group's page is shown. */
export interface PartProps {
  readonly group: Group;
  readonly experiments: Experiments;
  /** `matrix` of the document's normal form; the same object as long as the group is. */
  readonly matrix: Readonly<Record<string, unknown>>;
  /** True where nothing changes any more unless somebody resumes the group. */
  readonly isOver: boolean;
}
