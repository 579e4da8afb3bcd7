import type { ButtonHTMLAttributes } from 'preact';

interface ButtonProps extends ButtonHTMLAttributes {
  /** `danger` for what cannot be undone, `plain` for what stands in a row of words. */
  readonly look?: 'normal' | 'primary' | 'danger' | 'plain';
  /** Something is under way: the button stays where it is and cannot be pressed. */
  readonly busy?: boolean;
}

/** A button; it submits nothing unless its type says so. */
export const Button = ({ look = 'normal', busy = false, ...rest }: ButtonProps) => (
  <button
    type="button"
    {...rest}
    class={`button button-${look}`}
    disabled={rest.disabled === true || busy}
    aria-busy={busy}
  />
);
