import { init } from './echarts.ts';
import type { Picture } from './options/picture.ts';

/** How large a picture is drawn, and on what. */
interface Sheet {
  readonly width: number;
  /** Colour behind it; none lets the page show through. */
  readonly ground: string;
}

/** Returns a picture as the text of an SVG file; no page is needed for it. */
export function renderSvg({ option, height, minWidth }: Picture, { width, ground }: Sheet): string {
  const size = { width: Math.max(width, minWidth), height };
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({ ...option, backgroundColor: ground });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
