import { init } from './echarts.ts';
import type { Picture } from './options/picture.ts';

/**
 * What only serves pages where one hovers over marks. A mark whose colour comes from a style sheet would lose it there,
 * as ECharts cannot make a lighter one of it. No text can look like it: quotes and brackets of texts are escaped.
 */
const FOR_HOVERING = /<style[\s\S]*?<\/style>|\s(?:class|ecmeta_\w+|pointer-events)="[^"]*"/g;

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
    return chart.renderToSVGString().replaceAll(FOR_HOVERING, '');
  } finally {
    chart.dispose();
  }
}
