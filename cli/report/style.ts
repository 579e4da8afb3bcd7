import { readFileSync } from 'node:fs';

/** Beside the sources of the dashboard; in the bundle beside the command. */
const PLOTS = import.meta.url.endsWith('.ts') ? '../../web/styles/plots.css' : './plots.css';

const PAGE = `
:root {
  color-scheme: light dark;
}
body {
  max-width: 900px;
  margin: 0 auto;
  padding: 24px 16px 64px;
  background: var(--plot-ground);
  color: var(--plot-ink);
  font: 15px / 1.5 system-ui, sans-serif;
}
h1 { margin: 0 0 4px; font-size: 26px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 40px 0 8px; font-size: 18px; overflow-wrap: anywhere; }
p { margin: 8px 0; }
.soft { color: var(--plot-muted); }
.plot svg { display: block; width: 100%; min-width: 600px; height: auto; }
.facts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
  gap: 12px;
  margin: 24px 0;
}
.facts div { padding: 12px; border: 1px solid var(--plot-grid); border-radius: 8px; }
.facts dt { color: var(--plot-muted); font-size: 13px; }
.facts dd { margin: 0; font-size: 18px; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--plot-muted); }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--plot-grid); text-align: left; white-space: nowrap; }
td.number, th.number { text-align: right; }
td.text { max-width: 24em; overflow: hidden; text-overflow: ellipsis; }
pre {
  padding: 12px;
  border: 1px solid var(--plot-grid);
  border-radius: 8px;
  overflow-x: auto;
  font: 13px / 1.5 ui-monospace, monospace;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
@media print {
  body { max-width: none; padding: 0; }
  figure, tr, .facts div { break-inside: avoid; }
  h2 { break-after: avoid; }
  .plot-scroll, .wide { overflow: visible; }
  .plot svg { min-width: 0; }
}
`;

/** Returns the style of a report: the colours and figures of the dashboard, and what is the report's own. */
export const readStyle = (): string => readFileSync(new URL(PLOTS, import.meta.url), 'utf8') + PAGE;
