import { useEffect, useState } from 'preact/hooks';
import type { Group } from '../../cli/answers.ts';
import { Code } from '../parts/code.tsx';

/** Writes YAML once the package is there, which no other part of the page needs. */
function useYaml(value: unknown): string {
  const [text, setText] = useState('');
  const json = JSON.stringify(value);
  useEffect(() => {
    let isOver = false;
    void import('yaml').then(({ stringify }) => {
      if (!isOver) setText(stringify(JSON.parse(json)));
    });
    return () => {
      isOver = true;
    };
  }, [json]);
  return text;
}

const Yaml = ({ title, value }: { readonly title: string; readonly value: unknown }) => (
  <section class="panel yaml">
    <h2>{title}</h2>
    <Code text={useYaml(value)} label={title} />
  </section>
);

/** The document of a group, and what the service made of it. */
export const Document = ({ group }: { readonly group: Group }) => (
  <div class="columns">
    <Yaml title="As it was sent" value={group.spec} />
    <Yaml title="In full, with what is the default" value={group.hptuning} />
  </div>
);
