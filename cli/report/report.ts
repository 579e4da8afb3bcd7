import { stringify } from 'yaml';
import { VERSION } from '../../lib/runtime/version.ts';
import type { Observed } from '../../web/plots/data.ts';
import { observedOf, ranked } from '../../web/plots/data.ts';
import { shown } from '../../web/plots/options/text.ts';
import type { Service } from '../client.ts';
import { endedCount } from '../group.ts';
import { duration, exact, moment } from '../show/format.ts';
import { countEnds } from '../show/result.ts';
import type { Markup } from './html.ts';
import { html, NONE, trusted } from './html.ts';
import { drawSections } from './pictures.ts';
import type { Findings } from './read.ts';
import { readFindings } from './read.ts';
import { readStyle } from './style.ts';

/*
 * A search on one page: a file that needs nothing else, no script and no network, so that it can be mailed, printed and
 * kept.
 */

const ROWS_MAX = 50;

/** Nothing is loaded and nothing runs, even if something in the file should look like a script. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const fact = (name: string, value: string): Markup =>
  html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

function facts({ group, drawn }: Findings): Markup {
  const { best, progress, created_at: created, finished_at: finished } = group;
  return html`<dl class="facts">
${best === null ? NONE : fact(`Best ${best.metric}`, shown(best.value))}
${best === null ? NONE : fact('Of experiment', `#${best.number}`)}
${fact('Ended', `${endedCount(group)} of ${progress.planned}`)}
${fact('Parameters', String(drawn.parameters.length))}
${fact('Begun', `${moment(created)} UTC`)}
${finished === null ? NONE : fact('Took', duration(Date.parse(finished) - Date.parse(created)))}
</dl>`;
}

function bestValues({ group: { best } }: Findings): Markup {
  if (best === null) return html`<p>No experiment has ended with a finite value of the metric.</p>`;
  const rows = Object.entries(best.values).map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${exact(value)}</td></tr>\n`,
  );
  return html`<h2>Best values</h2>
<div class="wide"><table><caption>Experiment ${best.number}</caption>
<tbody>
${rows}</tbody></table></div>`;
}

function durationOf({ startedMs, finishedMs }: Observed): string {
  return startedMs === null || finishedMs === null ? '–' : duration(finishedMs - startedMs);
}

const cell = (value: unknown): Markup =>
  typeof value === 'number'
    ? html`<td class="number">${shown(value)}</td>`
    : html`<td class="text">${shown(value)}</td>`;

function bestExperiments({ drawn }: Findings): Markup {
  const { objective, parameters } = drawn;
  if (objective === null) return NONE;
  const best = ranked(observedOf(drawn), objective.optimization);
  const titles = parameters.map((name) => html`<th scope="col">${name}</th>`);
  const rows = best
    .slice(0, ROWS_MAX)
    .map(
      (record) =>
        html`<tr><th scope="row" class="number">${record.number}</th>${cell(record.objective)}${record.values.map(cell)}<td>${record.status}</td><td class="number">${durationOf(record)}</td></tr>\n`,
    );
  return html`<h2>Best experiments</h2>
<div class="wide" tabindex="0"><table>
<caption>${rows.length} of ${best.length} that can be compared, best first</caption>
<thead><tr><th scope="col" class="number">number</th><th scope="col" class="number">${objective.name}</th>${titles}<th scope="col">status</th><th scope="col" class="number">duration</th></tr></thead>
<tbody>
${rows}</tbody></table></div>`;
}

function warnings({ group }: Findings): Markup {
  if (group.warnings.length === 0) return NONE;
  const items = group.warnings.map(
    ({ path, message }) => html`<li>${path === '' ? message : `${path}: ${message}`}</li>\n`,
  );
  return html`<h2>Warnings</h2>\n<ul>\n${items}</ul>`;
}

/** Returns a report as the text of an HTML file. */
export function writeReport(findings: Findings, nowMs: number): string {
  const { group } = findings;
  const { status, status_reason: reason } = group;
  const title = group.name ?? group.id;
  const sections = drawSections(findings).map(
    ({ title: heading, body }) => html`<section>\n<h2>${heading}</h2>\n${body}\n</section>\n`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="${POLICY}">
<title>${title}</title>
<style>${trusted(readStyle())}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="soft">${group.id}${group.tags.length === 0 ? '' : `, ${group.tags.join(', ')}`}</p>
${group.description === null ? NONE : html`<p>${group.description}</p>`}
<p>${group.algorithm_detail}</p>
<p>${status}${reason === null ? '' : ` (${reason.code}): ${reason.detail}`}; ${countEnds(group)}.</p>
${facts(findings)}
${bestValues(findings)}
${sections}${bestExperiments(findings)}
${warnings(findings)}
<h2>Document</h2>
<pre>${stringify(group.spec)}</pre>
</main>
<footer class="soft"><p>Written by rungwise ${VERSION} on ${moment(new Date(nowMs).toISOString())} UTC.</p></footer>
</body>
</html>
`.markup;
}

/** Reads a group and returns its report as the text of an HTML file. */
export const reportOn = async (service: Service, group: string): Promise<string> =>
  writeReport(await readFindings(service, group), Date.now());
