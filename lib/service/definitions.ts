import { configKey } from '../store/keys.ts';
import type { Definition } from './definition.ts';
import { define } from './definition.ts';
import type { Ports } from './ports.ts';

/** Groups kept in memory: an optimizer of a large random search can hold some 20 MB. */
const CACHED_DEFINITIONS = 64;

/** Keeps a definition at hand, and lets go of the one that was used longest ago. */
export function remember(ports: Ports, definition: Definition): Definition {
  const { definitions } = ports;
  const id = definition.config.id;
  definitions.delete(id);
  definitions.set(id, definition);
  if (definitions.size > CACHED_DEFINITIONS) {
    const [oldest] = definitions.keys();
    if (oldest !== undefined) definitions.delete(oldest);
  }
  return definition;
}

/** The definition of a stored group, or null where there is none. */
export async function definitionOf(ports: Ports, group: string): Promise<Definition | null> {
  const known = ports.definitions.get(group);
  if (known !== undefined) return remember(ports, known);
  const item = await ports.store.get(configKey(group));
  return item === null ? null : remember(ports, define(item.body));
}
