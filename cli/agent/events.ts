import type { MetricValue } from '../../lib/domain/measurement.ts';
import type { Experiment, Group } from '../answers.ts';

/** What happens while an agent works, for whoever shows it. */
export interface AgentEvents {
  /** The group as it was just read. */
  readonly group: (group: Group) => void;
  readonly started: (experiment: Experiment) => void;
  readonly measured: (
    experiment: Experiment,
    metrics: Readonly<Record<string, MetricValue>>,
    step: number | null,
  ) => void;
  /** A line that the training printed for people. */
  readonly printed: (experiment: Experiment, line: string) => void;
  /** The experiment as the service knows it after its end; queued again where it will be retried. */
  readonly ended: (experiment: Experiment, message: string | null) => void;
  /** The experiment went back to the queue, or to somebody else. */
  readonly left: (experiment: Experiment, why: string) => void;
  readonly warned: (text: string) => void;
}
