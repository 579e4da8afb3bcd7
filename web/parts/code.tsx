import { Copy } from './copy.tsx';

/** Text of a program, with a button that copies it. */
export const Code = ({ text, label }: { readonly text: string; readonly label: string }) => (
  <div class="code">
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
    <section tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
    <Copy text={text} />
  </div>
);
