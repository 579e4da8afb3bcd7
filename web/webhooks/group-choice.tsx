import type { Group } from '../../cli/answers.ts';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Failure } from '../parts/states.tsx';

/** Groups to choose from; of more the webhook can be told by its calls. */
const QUERY = { limit: 200 };

interface GroupChoiceProps {
  /** Ids; null for all groups. */
  readonly chosen: readonly string[] | null;
  readonly onChange: (chosen: readonly string[] | null) => void;
}

/** The groups, with those that are chosen and not among the newest. */
function Boxes({
  chosen,
  onChange,
}: {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  const { data, error } = useLive(
    'groups to choose',
    (signal) => readPages<Group>('/v1/groups', { query: QUERY, pages: 1, signal }),
    null,
  );
  const listed = (data?.items ?? []).map(({ id, name }) => ({ id, title: name ?? id }));
  const others = chosen
    .filter((id) => !listed.some((group) => group.id === id))
    .map((id) => ({ id, title: id }));
  const toggle = (id: string): void =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <div class="group-boxes">
      <Failure error={error} />
      {data !== null && listed.length === 0 ? <p class="soft">There is no group yet.</p> : null}
      {[...others, ...listed].map(({ id, title }) => (
        <label key={id}>
          <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} />
          <span>
            {title} {title === id ? null : <span class="soft small">{id}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}

/** Lets one choose whose events a webhook is told of. */
export const GroupChoice = ({ chosen, onChange }: GroupChoiceProps) => (
  <fieldset class="choices">
    <legend>Groups</legend>
    <label>
      <input type="radio" name="groups" checked={chosen === null} onChange={() => onChange(null)} />
      <span>all, those to come too</span>
    </label>
    <label>
      <input type="radio" name="groups" checked={chosen !== null} onChange={() => onChange([])} />
      <span>only these</span>
    </label>
    {chosen === null ? null : <Boxes chosen={chosen} onChange={onChange} />}
  </fieldset>
);
