/** One line of a process's output, without what ended it. */
export interface Line {
  readonly text: string;
  /** True where the line was longer and its rest was dropped. */
  readonly isClipped: boolean;
}

/** Longest line that is kept, in UTF-16 units: a report of 100 metrics is far shorter. */
export const LINE_CHARACTERS_MAX = 64 * 1024;

export interface LineSplitter {
  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): Line[];
  /** The line that was begun and never ended, where there is one. */
  end(): Line[];
}

/**
 * Returns a splitter of UTF-8 bytes into lines. LF, CRLF and a bare CR end a line: progress bars go back with CR and
 * write over themselves. However the bytes are cut into chunks, the lines are the same.
 *
 * @param charactersMax - what a line has beyond it is dropped, so that output without an end needs no memory
 */
export function createLineSplitter(charactersMax: number = LINE_CHARACTERS_MAX): LineSplitter {
  const decoder = new TextDecoder();
  let begun = '';
  let isClipped = false;
  let afterReturn = false;

  const extend = (text: string): void => {
    const room = charactersMax - begun.length;
    isClipped ||= text.length > room;
    begun += text.slice(0, room);
  };

  const take = (): Line => {
    const line = { text: isClipped ? begun.toWellFormed() : begun, isClipped };
    begun = '';
    isClipped = false;
    return line;
  };

  const split = (text: string): Line[] => {
    const lines: Line[] = [];
    let start = 0;
    for (const { index, 0: ending } of text.matchAll(/\r|\n/g)) {
      const isSecondHalf = ending === '\n' && afterReturn && index === start && begun === '';
      afterReturn = ending === '\r';
      if (!isSecondHalf) {
        extend(text.slice(start, index));
        lines.push(take());
      }
      start = index + 1;
    }
    if (start < text.length) {
      extend(text.slice(start));
      afterReturn = false;
    }
    return lines;
  };

  return {
    push: (bytes) => split(decoder.decode(bytes, { stream: true })),
    end() {
      const lines = split(decoder.decode());
      return begun === '' && !isClipped ? lines : [...lines, take()];
    },
  };
}
