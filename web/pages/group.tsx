import { useMemo, useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import type { Group as GroupAnswer } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { Document } from '../group/document.tsx';
import { Events } from '../group/events.tsx';
import type { Columns, Experiments } from '../group/experiments.ts';
import { experimentsOf, pathOf, readColumns } from '../group/experiments.ts';
import { Facts } from '../group/facts.tsx';
import { Head } from '../group/head.tsx';
import type { Shown } from '../group/table.tsx';
import { ExperimentTable, SHOW_ALL } from '../group/table.tsx';
import { Warnings } from '../group/warnings.tsx';
import type { Live } from '../live.ts';
import { useLive } from '../live.ts';
import { ErrorState, Loading } from '../parts/states.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 2_000;
/** Somebody may resume or delete a group that does not run. */
const IDLE_INTERVAL_MS = 15_000;
const pauseAfter = ({ status }: GroupAnswer): number =>
  status === 'running' || status === 'stopping' ? INTERVAL_MS : IDLE_INTERVAL_MS;

/** Many experiments are read less often: what is drawn of them changes little in a second. */
const LARGE_INTERVAL_MS = 10_000;
const LARGE = 2_000;

const TABS = [
  { name: 'experiments', title: 'Experiments' },
  { name: 'events', title: 'Log' },
  { name: 'document', title: 'Document' },
] as const;

type Tab = (typeof TABS)[number]['name'];

const isSame = (a: readonly Columns[], b: readonly Columns[]): boolean =>
  a.length === b.length && a.every((page, i) => page === b[i]);

/** The experiments of a group as they are now; the same object as long as nothing changes. */
function useExperiments(id: string, group: GroupAnswer | null): Live<Experiments> {
  const before = useRef<readonly Columns[]>([]);
  const size = group?.progress.planned ?? 0;
  const isOver = group?.status === 'done' || group?.status === 'stopped';
  // Another status reads once more: what ended last is in it.
  const live = useLive(
    `columns of ${id}${isOver ? `, ${group?.updated_at}` : ''}`,
    async (signal) => {
      const pages = await readColumns(id, signal);
      if (!isSame(pages, before.current)) before.current = pages;
      return before.current;
    },
    isOver ? null : size > LARGE ? LARGE_INTERVAL_MS : INTERVAL_MS,
  );
  const data = useMemo(() => (live.data === null ? null : experimentsOf(live.data)), [live.data]);
  return { ...live, data };
}

interface OpenProps {
  readonly tab: Tab;
  readonly group: GroupAnswer;
  readonly experiments: Live<Experiments>;
}

/** What a tab shows. */
function Open({ tab, group, experiments }: OpenProps) {
  const [shown, setShown] = useState<Shown>(SHOW_ALL);
  if (tab === 'document') return <Document group={group} />;
  if (tab === 'events') return <Events group={group.id} isOver={group.status === 'done'} />;
  if (experiments.data === null) {
    return experiments.error === null ? (
      <Loading what="the experiments" />
    ) : (
      <ErrorState
        title="The experiments could not be read"
        error={experiments.error}
        retry={experiments.reload}
      />
    );
  }
  return (
    <ExperimentTable
      group={group.id}
      experiments={experiments.data}
      shown={shown}
      onShown={setShown}
    />
  );
}

/** One group. */
export function Group() {
  const { params, query } = useRoute();
  const { route, path: page } = useLocation();
  const id = params['group'] ?? '';
  const path = pathOf(id);
  const { data, error, reload } = useLive(
    path,
    (signal) => call<GroupAnswer>('GET', path, { signal }),
    pauseAfter,
  );
  const experiments = useExperiments(id, data);
  const name = data?.name ?? id;
  useTitle(name);
  if (data === null) {
    return error === null ? (
      <Loading what="the group" />
    ) : (
      <ErrorState level={1} title="The group could not be read" error={error} retry={reload} />
    );
  }
  const tab = TABS.find(({ name: known }) => known === query['tab'])?.name ?? TABS[0].name;
  return (
    <div class="page">
      <Head group={data} reload={reload} />
      <Facts group={data} experiments={experiments.data} />
      <Warnings group={data} />
      <div>
        <Tabs
          label="Parts of the group"
          tabs={TABS}
          open={tab}
          onOpen={(next) => route(`${page}?tab=${next}`, true)}
        >
          <Open tab={tab} group={data} experiments={experiments} />
        </Tabs>
      </div>
    </div>
  );
}
