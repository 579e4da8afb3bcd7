import * as echarts from 'echarts';

/** How a search went on: its best value so far after so many epochs, one step for each time that it rose. */
export interface Course {
  readonly title: string;
  readonly steps: readonly { readonly epochs: number; readonly best: number }[];
}

const SIZE = { width: 860, height: 480 } as const;
/** Colours that colour-blind people can tell apart (Okabe and Ito), each with a dash of its own. */
const STYLES = [
  { color: '#666666', type: 'dotted' },
  { color: '#0072b2', type: 'dashed' },
  { color: '#d55e00', type: 'solid' },
] as const;

/** Returns an SVG picture of the best value so far against the epochs spent, one line for each search. */
export function drawCourses(
  courses: readonly Course[],
  { title, axis, from }: { readonly title: string; readonly axis: string; readonly from: number },
): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', top: 12 },
    legend: { bottom: 8, itemWidth: 40, itemGap: 40 },
    grid: { left: 70, right: 30, top: 60, bottom: 80 },
    xAxis: { type: 'value', name: 'epochs spent', nameLocation: 'middle', nameGap: 28 },
    yAxis: {
      type: 'value',
      name: axis,
      nameLocation: 'middle',
      nameGap: 50,
      min: from,
      axisLabel: { formatter: (value: number) => `${(100 * value).toFixed(1)} %` },
    },
    series: courses.map(({ title: name, steps }, i) => ({
      name,
      type: 'line',
      step: 'end',
      symbol: 'none',
      itemStyle: { color: STYLES[i % STYLES.length]?.color },
      lineStyle: { width: 2.5, ...STYLES[i % STYLES.length] },
      data: steps.map(({ epochs, best }) => [epochs, best]),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
