import type { ECharts } from 'echarts/core';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button } from '../parts/button.tsx';
import type { Palette } from './options/palette.ts';
import type { Nothing, Picture } from './options/picture.ts';
import { isNothing } from './options/picture.ts';
import { savePng, saveSvg } from './save.ts';
import { currentPalette } from './theme.ts';

/** More marks than this are pixels of a canvas: as elements of the page they would make it slow. */
const ELEMENTS_MAX = 2_000;

/** An axis of parallel coordinates by its index, and what has been brushed on it. */
export type OnBrush = (axis: number, intervals: readonly (readonly [number, number])[]) => void;

interface PlotProps {
  /** Names the plot. */
  readonly label: string;
  /** Draws it in the colours of the theme. Another function draws it anew: remember it between renderings. */
  readonly draw: (palette: Palette) => Picture | Nothing;
  readonly onBrush?: OnBrush | undefined;
  /** Controls that stand above it. */
  readonly children?: ComponentChildren;
}

const isInterval = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'number');

/** Reads an event of ECharts about a brushed axis. */
function tellBrush(event: unknown, onBrush: OnBrush): void {
  if (typeof event !== 'object' || event === null) return;
  if (!('parallelAxisId' in event && 'intervals' in event)) return;
  const { parallelAxisId, intervals } = event;
  if (Array.isArray(intervals)) onBrush(Number(parallelAxisId), intervals.filter(isInterval));
}

/** Returns the width of an element, 0 before it is known. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

interface CanvasProps {
  readonly picture: Picture;
  readonly width: number;
  readonly onBrush: OnBrush | undefined;
}

/** The drawn part: ECharts in an element of a fixed size. */
function Drawing({ picture, width, onBrush }: CanvasProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [failed, setFailed] = useState(false);
  const brushed = useRef(onBrush);
  brushed.current = onBrush;
  const renderer = picture.marks > ELEMENTS_MAX ? 'canvas' : 'svg';

  useEffect(() => {
    let opened: ECharts | null = null;
    let gone = false;
    import('./echarts.ts').then(
      ({ init }) => {
        if (gone || ref.current === null) return;
        opened = init(ref.current, null, { renderer, width, height: picture.height });
        opened.on('axisareaselected', (event: unknown) => {
          if (brushed.current !== undefined) tellBrush(event, brushed.current);
        });
        setChart(opened);
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      opened?.dispose();
      setChart(null);
    };
    // Its size follows below.
  }, [renderer]);

  useEffect(() => {
    chart?.resize({ width, height: picture.height });
  }, [chart, width, picture.height]);

  useEffect(() => {
    // The axes of parallel coordinates are kept, and with them what has been brushed.
    chart?.setOption(picture.option, { replaceMerge: ['series', 'xAxis', 'yAxis', 'graphic'] });
  }, [chart, picture]);

  return failed ? (
    <p class="plot-note">The code that draws could not be loaded. Load the page again.</p>
  ) : (
    <div ref={ref} style={{ width: `${width}px`, height: `${picture.height}px` }} />
  );
}

/** A plot with its summary in words and buttons that save it. */
export function Plot({ label, draw, onBrush, children }: PlotProps) {
  const palette = currentPalette();
  const picture = useMemo(() => draw(palette), [draw, palette]);
  const { ref, width: room } = useWidth();
  const [problem, setProblem] = useState<string | null>(null);
  const isEmpty = isNothing(picture);
  const width = isEmpty ? room : Math.max(room, picture.minWidth);
  const save = (how: typeof saveSvg): void => {
    if (isEmpty) return;
    how({ picture, palette, width, name: label.toLowerCase().replaceAll(/\W+/g, '-') }).then(
      () => setProblem(null),
      () => setProblem('The picture could not be saved.'),
    );
  };
  const scrolls = width > room && room > 0;
  return (
    <figure class="plot" aria-label={label}>
      <div class="plot-tools">
        {children}
        <div class="plot-save">
          <Button look="plain" disabled={isEmpty} onClick={() => save(saveSvg)}>
            SVG
          </Button>
          <Button look="plain" disabled={isEmpty} onClick={() => save(savePng)}>
            PNG
          </Button>
        </div>
      </div>
      <div
        ref={ref}
        class="plot-scroll"
        // Only what scrolls is a stop of the keyboard.
        {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': `${label}, scrolls` } : {})}
      >
        {isEmpty ? (
          <p class="plot-note">{picture.nothing}</p>
        ) : (
          <div
            role="img"
            aria-label={label}
            style={{ width: `${width}px`, height: `${picture.height}px` }}
          >
            {/* The key draws another theme anew from the beginning. */}
            {room > 0 && (
              <Drawing key={palette('ground')} picture={picture} width={width} onBrush={onBrush} />
            )}
          </div>
        )}
      </div>
      {!isEmpty && <figcaption class="plot-summary">{picture.summary}</figcaption>}
      {problem !== null && (
        <p class="plot-note" role="status">
          {problem}
        </p>
      )}
    </figure>
  );
}
