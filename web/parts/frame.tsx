import type { ComponentChildren, Ref } from 'preact';

interface FrameProps {
  readonly label: string;
  readonly children: ComponentChildren;
  /** `bare` stands inside a panel, `long` scrolls in both directions. */
  readonly look?: 'normal' | 'bare' | 'long';
  readonly frame?: Ref<HTMLElement>;
}

/** Holds a table that may be wider than the page: it scrolls by itself, by keyboard too. */
export const Frame = ({ label, children, look = 'normal', frame }: FrameProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
  <section class={`table-frame table-${look}`} tabIndex={0} aria-label={label} ref={frame ?? null}>
    {children}
  </section>
);
