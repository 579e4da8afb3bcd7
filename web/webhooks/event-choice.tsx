import { EVENT_PATTERNS } from '../../lib/domain/webhook.ts';

/*
 * What a webhook is told of: everything, all of one kind, or single events.
 */

const ALL = '*';

const FAMILIES: readonly { readonly pattern: string; readonly types: readonly string[] }[] =
  EVENT_PATTERNS.filter((pattern) => pattern.endsWith('.*')).map((pattern) => ({
    pattern,
    types: EVENT_PATTERNS.filter(
      (type) => type !== pattern && type.startsWith(pattern.slice(0, -1)),
    ),
  }));

interface EventChoiceProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Lets one choose the events of a webhook; what a wider choice has in it already cannot be chosen beside it. */
export function EventChoice({ chosen, onChange }: EventChoiceProps) {
  const isAll = chosen.includes(ALL);
  const toggle = (pattern: string, covered: readonly string[]): void => {
    const others = chosen.filter((one) => one !== pattern && !covered.includes(one));
    onChange(chosen.includes(pattern) ? others : [...others, pattern]);
  };
  return (
    <fieldset class="choices">
      <legend>Events</legend>
      <label>
        <input type="checkbox" checked={isAll} onChange={() => toggle(ALL, EVENT_PATTERNS)} />
        <span>everything</span>
      </label>
      <div class="families">
        {FAMILIES.map(({ pattern, types }) => (
          <fieldset key={pattern} class="choices">
            <legend>{pattern.slice(0, -2)}</legend>
            <label>
              <input
                type="checkbox"
                checked={isAll || chosen.includes(pattern)}
                disabled={isAll}
                onChange={() => toggle(pattern, types)}
              />
              <span>
                all: <code>{pattern}</code>
              </span>
            </label>
            {types.map((type) => {
              const isCovered = isAll || chosen.includes(pattern);
              return (
                <label key={type}>
                  <input
                    type="checkbox"
                    checked={isCovered || chosen.includes(type)}
                    disabled={isCovered}
                    onChange={() => toggle(type, [])}
                  />
                  <code>{type}</code>
                </label>
              );
            })}
          </fieldset>
        ))}
      </div>
    </fieldset>
  );
}
