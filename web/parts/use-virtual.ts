import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

interface Virtual {
  readonly count: number;
  /** What scrolls. */
  readonly frame: RefObject<HTMLElement | null>;
  /** Height of a row, px. */
  readonly rowHeight: number;
}

/** Which rows of a long list are to be drawn, and how much room those before and after them take, px. */
export interface Window {
  readonly indices: readonly number[];
  readonly before: number;
  readonly after: number;
}

const OVERSCAN = 12;

/** Draws only the rows of a list that are seen. */
export function useVirtual({ count, frame, rowHeight }: Virtual): Window {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const options = {
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(null),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  const items = virtualizer.getVirtualItems();
  return {
    indices: items.map(({ index }) => index),
    before: items[0]?.start ?? 0,
    after: virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0),
  };
}
