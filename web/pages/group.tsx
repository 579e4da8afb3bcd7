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
import { matrixOf, resourceOf } from '../group/hptuning.ts';
import { Overview } from '../group/overview.tsx';
import { Parameters } from '../group/parameters.tsx';
import type { Shown } from '../group/shown.ts';
import { SHOW_ALL } from '../group/shown.ts';
import { ExperimentTable } from '../group/table.tsx';
import { CurvePart, RungPart } from '../group/training.tsx';
import { Warnings } from '../group/warnings.tsx';
import type { Live } from '../live.ts';
import { useLive } from '../live.ts';
import { ErrorState, Loading } from '../parts/states.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 2_000;
/** Many experiments are read less often: what is drawn of them changes little in a second. */
const LARGE_INTERVAL_MS = 10_000;
const LARGE = 2_000;
/** Somebody may resume or delete a group that does not run. */
const IDLE_INTERVAL_MS = 15_000;

const TABS = [
  { name: 'overview', title: 'Overview' },
  { name: 'parameters', title: 'Parameters' },
  { name: 'rungs', title: 'Rungs' },
  { name: 'curves', title: 'Curves' },
  { name: 'experiments', title: 'Experiments' },
  { name: 'events', title: 'Log' },
  { name: 'document', title: 'Document' },
] as const;

type Tab = (typeof TABS)[number]['name'];

const isOver = ({ status }: GroupAnswer): boolean => status === 'done' || status === 'stopped';

const pauseAfter = (group: GroupAnswer): number => (isOver(group) ? IDLE_INTERVAL_MS : INTERVAL_MS);

const isSame = (a: readonly Columns[], b: readonly Columns[]): boolean =>
  a.length === b.length && a.every((page, i) => page === b[i]);

/** The experiments of a group as they are now; the same object as long as nothing changes. */
function useExperiments(id: string, group: GroupAnswer | null): Live<Experiments> {
  const before = useRef<readonly Columns[]>([]);
  const isLarge = (group?.progress.planned ?? 0) > LARGE;
  const isIdle = group !== null && isOver(group);
  const live = useLive(
    `columns of ${id}`,
    async (signal) => {
      const pages = await readColumns(id, signal);
      if (!isSame(pages, before.current)) before.current = pages;
      return before.current;
    },
    isIdle ? IDLE_INTERVAL_MS : isLarge ? LARGE_INTERVAL_MS : INTERVAL_MS,
  );
  const data = useMemo(() => (live.data === null ? null : experimentsOf(live.data)), [live.data]);
  return { ...live, data };
}

interface OpenProps {
  readonly tab: Tab;
  readonly group: GroupAnswer;
  readonly experiments: Live<Experiments>;
  readonly onTab: (tab: Tab) => void;
}

/** What a tab shows. */
function Open({ tab, group, experiments, onTab }: OpenProps) {
  const [shown, setShown] = useState<Shown>(SHOW_ALL);
  const form = JSON.stringify(group.hptuning);
  const matrix = useMemo(() => matrixOf(group), [form]);
  if (tab === 'document') return <Document group={group} />;
  if (tab === 'events') return <Events group={group.id} isOver={group.status === 'done'} />;
  const { data, error, reload } = experiments;
  if (data === null) {
    return error === null ? (
      <Loading what="the experiments" />
    ) : (
      <ErrorState title="The experiments could not be read" error={error} retry={reload} />
    );
  }
  const part = { group, experiments: data, matrix, isOver: isOver(group) };
  switch (tab) {
    case 'overview':
      return (
        <Overview
          {...part}
          onTable={(numbers) => {
            setShown({ ...SHOW_ALL, numbers: new Set(numbers) });
            onTab('experiments');
          }}
        />
      );
    case 'parameters':
      return <Parameters {...part} />;
    case 'rungs':
      return <RungPart {...part} />;
    case 'curves':
      return <CurvePart {...part} />;
    case 'experiments':
      return (
        <ExperimentTable group={group.id} experiments={data} shown={shown} onShown={setShown} />
      );
  }
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
  const tabs = TABS.filter((tab) => tab.name !== 'rungs' || resourceOf(data) !== null);
  const tab = tabs.find((one) => one.name === query['tab'])?.name ?? 'overview';
  const onTab = (next: Tab): void => route(`${page}?tab=${next}`, true);
  return (
    <div class="page">
      <Head
        group={data}
        reload={() => {
          reload();
          experiments.reload();
        }}
      />
      <Facts group={data} experiments={experiments.data} />
      <Warnings group={data} />
      <div>
        <Tabs label="Parts of the group" tabs={tabs} open={tab} onOpen={onTab}>
          <Open tab={tab} group={data} experiments={experiments} onTab={onTab} />
        </Tabs>
      </div>
    </div>
  );
}
