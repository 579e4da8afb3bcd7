import { stripVTControlCharacters } from 'node:util';
import type { AgentEvents } from '../agent/events.ts';
import type { Experiment, Group } from '../answers.ts';
import { endedCount, metricOf } from '../group.ts';
import { assignments, cut, duration, printable, short } from '../show/format.ts';
import type { Screen, Style } from '../show/screen.ts';
import type { View } from './view.ts';

/*
 * A block of lines at the bottom of the terminal that is drawn over itself; what should stay scrolls above it.
 */

const REDRAW_MS = 100;
const TICK_MS = 500;
const BAR_MIN = 6;
const BAR_MAX = 40;
/** Lines of the terminal that are left to what scrolls. */
const ROWS_KEPT = 8;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const ERASE_BELOW = '\r\x1b[J';

/** A piece of a line with its style: cut first, then coloured. */
type Piece = readonly [text: string, style?: Style];

interface Running {
  readonly experiment: Experiment;
  readonly startedAt: number;
  readonly step: number | null;
  readonly metrics: Readonly<Record<string, unknown>>;
}

function lineOf(pieces: readonly Piece[], width: number, screen: Screen): string {
  let room = width;
  let line = '';
  for (const [text, style] of pieces) {
    const shown = cut(text, room);
    room -= shown.length;
    line += style === undefined || shown === '' ? shown : screen.paint(style, shown);
    if (shown !== text) break;
  }
  return line;
}

/** The metrics of an experiment, the search's own first. */
function ordered(
  metrics: Readonly<Record<string, unknown>>,
  first: string | null,
): Readonly<Record<string, unknown>> {
  if (first === null || !Object.hasOwn(metrics, first)) return metrics;
  return { [first]: metrics[first], ...metrics };
}

/** What the block is made from. */
export interface LiveState {
  readonly group: Group;
  readonly running: readonly Running[];
  /** Time since the agent began, ms. */
  readonly elapsedMs: number;
  /** Time that the rest will take, ms; null while nothing is known. */
  readonly leftMs: number | null;
  readonly now: number;
}

function barLine(
  { group, running: own, elapsedMs, leftMs }: LiveState,
  width: number,
): readonly Piece[] {
  const { progress } = group;
  const ended = endedCount(group);
  const left = leftMs === null ? '' : `, ${duration(leftMs)} left`;
  const counts = `  ${ended}/${progress.planned}`;
  const failed = progress.failed === 0 ? '' : `  ${progress.failed} failed`;
  // What this agent has just begun the group as last read does not know yet.
  const running = `  ${Math.max(own.length, progress.running)} running`;
  const time = `  ${duration(elapsedMs)}${left}`;
  const room = width - `${counts}${running}${failed}${time}`.length;
  const cells = Math.max(BAR_MIN, Math.min(BAR_MAX, room));
  const full = Math.round((cells * ended) / Math.max(1, progress.planned, ended));
  return [
    ['█'.repeat(full), 'green'],
    ['░'.repeat(cells - full), 'dim'],
    [counts, 'bold'],
    [running],
    [failed, 'red'],
    [time, 'dim'],
  ];
}

/** Returns the lines of the block, each no wider than the terminal. */
export function drawBlock(state: LiveState, screen: Screen): readonly string[] {
  const width = (screen.columns() ?? 80) - 1;
  const { group, running, now } = state;
  const metric = metricOf(group);
  const draw = (pieces: readonly Piece[]): string => lineOf(pieces, width, screen);
  const { best } = group;
  const name = group.name === null ? '' : `${printable(group.name)}  `;
  const shown = running.slice(0, Math.max(1, screen.rows() - ROWS_KEPT));
  const digits = Math.max(...shown.map(({ experiment }) => String(experiment.number).length), 1);
  return [
    draw([[name, 'bold'], [group.id], [`  ${printable(group.algorithm_detail)}`, 'dim']]),
    draw(barLine(state, width)),
    draw(
      best === null
        ? [
            ['best  ', 'bold'],
            ['none yet', 'dim'],
          ]
        : [
            ['best  ', 'bold'],
            [`#${best.number}  ${printable(best.metric)}=${short(best.value)}`, 'green'],
            [`  ${assignments(best.values)}`, 'dim'],
          ],
    ),
    ...shown.map(({ experiment, step, metrics, startedAt }) =>
      draw([
        [`  #${String(experiment.number).padEnd(digits)}  `, 'cyan'],
        [duration(now - startedAt), 'dim'],
        [step === null ? '' : `  step ${short(step)}`],
        [`  ${assignments(ordered(metrics, metric))}`],
        [Object.keys(metrics).length === 0 ? assignments(experiment.values) : '', 'dim'],
      ]),
    ),
    ...(running.length > shown.length
      ? [draw([[`  and ${running.length - shown.length} more`, 'dim']])]
      : []),
  ];
}

/** Rows that drawn lines take on a terminal that may have become narrower since. */
const rowsOf = (lines: readonly string[], columns: number): number =>
  lines.reduce(
    (rows, line) => rows + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)),
    0,
  );

/** Shows progress as a block that keeps its place: how far the search is, its best, what runs, and how long. */
export function createLiveView({
  screen,
  isVerbose,
  now,
}: {
  readonly screen: Screen;
  /** Shows what trainings print, above the block. */
  readonly isVerbose: boolean;
  /** Milliseconds from any start. */
  readonly now: () => number;
}): View {
  const beganAt = now();
  const running = new Map<number, Running>();
  let group: Group | null = null;
  let endedBefore: number | null = null;
  let drawn: readonly string[] = [];
  let drawnAt = Number.NEGATIVE_INFINITY;
  let pending: NodeJS.Timeout | undefined;

  const state = (): LiveState | null => {
    if (group === null) return null;
    const elapsedMs = now() - beganAt;
    const ended = endedCount(group) - (endedBefore ?? 0);
    const rest = Math.max(0, group.progress.planned - endedCount(group));
    return {
      group,
      running: [...running.values()],
      elapsedMs,
      leftMs: ended > 0 && rest > 0 ? (elapsedMs / ended) * rest : null,
      now: now(),
    };
  };

  const erase = (): string => {
    const rows = rowsOf(drawn, screen.columns() ?? 80);
    return rows === 0 ? '' : `\x1b[${rows}A${ERASE_BELOW}`;
  };

  /** Draws the block anew, with lines above it that stay. */
  const draw = (above: readonly string[] = []): void => {
    clearTimeout(pending);
    pending = undefined;
    const shown = state();
    const lines = shown === null ? [] : drawBlock(shown, screen);
    const text = [...above, ...lines].map((line) => `${line}\n`).join('');
    screen.write(`${drawn.length === 0 ? HIDE_CURSOR : erase()}${text}`);
    drawn = lines;
    drawnAt = now();
  };

  const redraw = (): void => {
    if (pending !== undefined) return;
    const waitMs = Math.max(0, REDRAW_MS - (now() - drawnAt));
    pending = setTimeout(draw, waitMs).unref();
  };

  const ticking = setInterval(redraw, TICK_MS).unref();
  screen.onResize(redraw);

  const events: AgentEvents = {
    group(read) {
      endedBefore ??= endedCount(read);
      group = read;
      redraw();
    },
    started(experiment) {
      const startedAt = now();
      running.set(experiment.number, { experiment, startedAt, step: null, metrics: {} });
      redraw();
    },
    measured(experiment, metrics, step) {
      const old = running.get(experiment.number);
      if (old === undefined) return;
      running.set(experiment.number, {
        ...old,
        step: step ?? old.step,
        metrics: { ...old.metrics, ...metrics },
      });
      redraw();
    },
    printed({ number }, text) {
      if (isVerbose) draw([`${screen.paint('cyan', `#${number}`)} ${text}`]);
    },
    ended(experiment, message) {
      running.delete(experiment.number);
      const isFailure = experiment.status === 'failed' || experiment.status === 'queued';
      if (!isFailure) return redraw();
      const again = experiment.status === 'queued' ? ', will be tried again' : '';
      const head = `#${experiment.number} failed${again}  ${assignments(experiment.values)}`;
      const told = (message ?? '').split('\n').filter((text) => text !== '');
      draw([screen.paint('red', head), ...told.map((text) => `  ${text}`)]);
    },
    left({ number }, why) {
      running.delete(number);
      draw([screen.paint('yellow', `#${number} left: ${printable(why)}`)]);
    },
    warned: (text) => draw([screen.paint('yellow', printable(text))]),
  };

  return {
    events,
    close() {
      clearInterval(ticking);
      clearTimeout(pending);
      screen.write(`${erase()}${SHOW_CURSOR}`);
      drawn = [];
    },
  };
}
