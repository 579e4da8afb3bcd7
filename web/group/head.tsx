import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Group } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Status } from '../parts/status.tsx';
import { pathOf } from './experiments.ts';
import { ExportButtons } from './export.tsx';

type Act = 'stop' | 'resume' | 'delete';

interface HeadProps {
  readonly group: Group;
  readonly reload: () => void;
}

const QUESTIONS: Readonly<Record<Act, { title: string; text: string; verb: string }>> = {
  stop: {
    title: 'Stop this group?',
    text: 'Nothing more is handed out, and running experiments are asked to stop at their next report. It can be resumed.',
    verb: 'Stop',
  },
  resume: {
    title: 'Resume this group?',
    text: 'Experiments are handed out again, up to the concurrency of the document.',
    verb: 'Resume',
  },
  delete: {
    title: 'Delete this group?',
    text: 'Its experiments, measurements and events go with it. This cannot be undone.',
    verb: 'Delete',
  },
};

/** What a group is called, how it stands, and what can be done with it. */
export function Head({ group, reload }: HeadProps) {
  const [asked, setAsked] = useState<Act | null>(null);
  const { route } = useLocation();
  const path = pathOf(group.id);
  const act = async (what: Act): Promise<void> => {
    if (what === 'delete') {
      await call('DELETE', path);
      route('/');
    } else {
      await call('POST', `${path}/${what}`);
      reload();
    }
  };
  const question = asked === null ? null : QUESTIONS[asked];
  return (
    <div class="page-head">
      <div>
        <nav aria-label="Where this page is" class="small">
          <a href="/">Groups</a>
        </nav>
        <h1>
          {group.name ?? group.id} <Status status={group.status} />
        </h1>
        {group.description === null ? null : <p>{group.description}</p>}
        <p class="soft small">
          {group.status_reason === null ? group.algorithm_detail : group.status_reason.detail}
        </p>
      </div>
      <div class="actions">
        <ExportButtons group={group} />
        {group.status === 'running' ? (
          <Button onClick={() => setAsked('stop')}>Stop</Button>
        ) : group.status === 'done' ? null : (
          <Button onClick={() => setAsked('resume')}>Resume</Button>
        )}
        <Button onClick={() => setAsked('delete')}>Delete</Button>
      </div>
      {asked === null || question === null ? null : (
        <Confirm
          title={question.title}
          verb={question.verb}
          danger={asked === 'delete'}
          act={() => act(asked)}
          onClose={() => setAsked(null)}
        >
          <p>{question.text}</p>
        </Confirm>
      )}
    </div>
  );
}
