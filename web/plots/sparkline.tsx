import { sparklinePath } from './options/sparkline.ts';

interface SparklineProps {
  readonly values: readonly number[];
  /** What the line says, in words. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}

/** A line as tall as a word. */
export const Sparkline = ({ values, label, width = 96, height = 24 }: SparklineProps) => (
  <svg
    class="sparkline"
    role="img"
    aria-label={label}
    width={width}
    height={height}
    viewBox={`0 0 ${width} ${height}`}
  >
    <path
      d={sparklinePath(values, { width, height })}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linejoin="round"
    />
  </svg>
);
