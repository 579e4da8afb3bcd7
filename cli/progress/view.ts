import type { AgentEvents } from '../agent/events.ts';

/** Shows what an agent does while it works. */
export interface View {
  readonly events: AgentEvents;
  /** Leaves the screen as it should stay. */
  close(): void;
}
