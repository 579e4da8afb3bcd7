/** How far something is: a bar with its count beside it. */
export const Progress = ({
  done,
  of,
  label,
}: {
  readonly done: number;
  readonly of: number;
  readonly label: string;
}) => (
  <span class="progress">
    <progress value={done} max={Math.max(of, 1)} aria-label={label} />
    <span>
      {done.toLocaleString('en')}/{of.toLocaleString('en')}
    </span>
  </span>
);
