import { useRef, useState } from 'preact/hooks';
import type { Group } from '../../cli/answers.ts';
import { shortNumber } from '../format.ts';
import { endedOf } from '../group/figures.ts';
import { Trend } from '../group/trend.tsx';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { Code } from '../parts/code.tsx';
import { Frame } from '../parts/frame.tsx';
import { Progress } from '../parts/progress.tsx';
import { EmptyState, ErrorState, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 3_000;
const STATUSES = ['running', 'stopping', 'stopped', 'done'] as const;

interface Filters {
  readonly status: string;
  readonly tag: string;
  /** Looked for in names and ids of what has been read. */
  readonly text: string;
}

const NO_FILTERS: Filters = { status: '', tag: '', text: '' };

const matches = ({ name, id }: Group, text: string): boolean =>
  `${name ?? ''} ${id}`.toLowerCase().includes(text.trim().toLowerCase());

const Tag = ({ tag, onTag }: { readonly tag: string; readonly onTag: (tag: string) => void }) => (
  <button type="button" class="tag" onClick={() => onTag(tag)} title={`Only groups with ${tag}`}>
    {tag}
  </button>
);

function Row({ group, onTag }: { readonly group: Group; readonly onTag: (tag: string) => void }) {
  const name = group.name ?? group.id;
  return (
    <tr>
      <th scope="row">
        <a href={`/groups/${group.id}`}>{name}</a>
        <span class="tags">
          {group.tags.map((tag) => (
            <Tag key={tag} tag={tag} onTag={onTag} />
          ))}
        </span>
      </th>
      <td>
        <Status status={group.status} />
      </td>
      <td>{group.algorithm}</td>
      <td>
        <Progress
          done={endedOf(group)}
          of={group.progress.planned}
          label={`Ended experiments of ${name}`}
        />
      </td>
      <td class="numeric">
        {group.best === null ? (
          <span class="soft">–</span>
        ) : (
          <a href={`/groups/${group.id}/experiments/${group.best.number}`}>
            <span class="soft">{group.best.metric}</span> {shortNumber(group.best.value)}
          </a>
        )}
      </td>
      <td class="trend">{group.best === null ? null : <Trend group={group} />}</td>
      <td>
        <TimeAgo time={group.created_at} />
      </td>
    </tr>
  );
}

const NoGroups = () => (
  <EmptyState title="There is no group yet">
    <p>
      A group is one search: a document says what is tried, Rungwise hands out values and gathers
      how they did. <a href="/new">Write a document here</a>, or run one that has a command of its
      own:
    </p>
    <Code
      text={`rungwise run examples/digits/polyaxonfile.yml --server ${location.origin}`}
      label="Command"
    />
  </EmptyState>
);

function FilterBar({
  filters,
  onFilters,
}: {
  readonly filters: Filters;
  readonly onFilters: (filters: Filters) => void;
}) {
  return (
    <search class="filters">
      <label class="field">
        <span>Name</span>
        <input
          type="search"
          value={filters.text}
          onInput={(event) => onFilters({ ...filters, text: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>Status</span>
        <select
          value={filters.status}
          onChange={(event) => onFilters({ ...filters, status: event.currentTarget.value })}
        >
          <option value="">any</option>
          {STATUSES.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Tag</span>
        <input
          type="search"
          value={filters.tag}
          onChange={(event) => onFilters({ ...filters, tag: event.currentTarget.value.trim() })}
        />
      </label>
    </search>
  );
}

/** All groups, newest first. */
export function Groups() {
  useTitle('Groups');
  const [filters, setFilters] = useState(NO_FILTERS);
  const pages = useRef(1);
  const { status, tag, text } = filters;
  const { data, error, reload } = useLive(
    `groups ${status} ${tag}`,
    (signal) =>
      readPages<Group>('/v1/groups', { query: { status, tag }, pages: pages.current, signal }),
    INTERVAL_MS,
  );
  const isFiltered = filters !== NO_FILTERS;
  if (data === null && !isFiltered) {
    return error === null ? (
      <Loading what="groups" />
    ) : (
      <ErrorState level={1} title="The groups could not be read" error={error} retry={reload} />
    );
  }
  if (data?.items.length === 0 && !isFiltered)
    return (
      <div class="page">
        <h1>Groups</h1>
        <NoGroups />
      </div>
    );
  const shown = data?.items.filter((group) => matches(group, text)) ?? [];
  return (
    <div class="page">
      <div class="page-head">
        <h1>Groups</h1>
        <a class="button button-primary" href="/new">
          New group
        </a>
      </div>
      <FilterBar filters={filters} onFilters={setFilters} />
      {data === null && error !== null ? (
        <ErrorState title="The groups could not be read" error={error} retry={reload} />
      ) : (
        <Frame label="Groups">
          <table>
            <caption class="hidden-visually">Groups, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Status</th>
                <th scope="col">Algorithm</th>
                <th scope="col">Ended</th>
                <th scope="col" class="numeric">
                  Best
                </th>
                <th scope="col">Trend</th>
                <th scope="col">Created</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((group) => (
                <Row
                  key={group.id}
                  group={group}
                  onTag={(wanted) => setFilters({ ...filters, tag: wanted })}
                />
              ))}
            </tbody>
          </table>
          {shown.length === 0 ? (
            <p class="table-empty" role="status">
              {data === null ? 'Reading groups …' : 'No group matches.'}{' '}
              {isFiltered ? (
                <Button look="plain" onClick={() => setFilters(NO_FILTERS)}>
                  Show all
                </Button>
              ) : null}
            </p>
          ) : null}
        </Frame>
      )}
      {data?.hasMore === true ? (
        <div>
          <Button
            onClick={() => {
              pages.current += 1;
              reload();
            }}
          >
            Load more
          </Button>
        </div>
      ) : null}
    </div>
  );
}
