import type { Preview } from '../answers.ts';
import { createService } from '../client.ts';
import type { ServiceOptions } from '../connect.ts';
import { serviceAddress } from '../connect.ts';
import { previewAt, previewHere, readSource } from '../document.ts';
import { EXIT } from '../failure.ts';
import { plural, printable, short } from '../show/format.ts';
import type { Screen } from '../show/screen.ts';
import { print, printJson, stdout } from '../show/screen.ts';
import type { Column } from '../show/table.ts';
import { tableOf } from '../show/table.ts';

/** Points that are shown to people; --json has more. */
const POINTS_SHOWN = 8;

type Parameter = Preview['parameters'][number];
type Point = readonly [number: number, values: Preview['points'][number]];

function listed({ values, size }: Parameter): string {
  const known = values.map(short).join(', ');
  const count = size ?? Number.POSITIVE_INFINITY;
  return count > values.length ? `${known}, …` : known;
}

const PARAMETERS: readonly Column<Parameter>[] = [
  { title: 'parameter', cell: ({ name }) => printable(name) },
  { title: 'kind', cell: ({ kind }) => kind },
  { title: 'size', cell: ({ size }) => (size === null ? '∞' : String(size)), align: 'right' },
  { title: 'values', cell: listed },
];

const pointColumns = (parameters: readonly Parameter[]): readonly Column<Point>[] => [
  { title: '#', cell: ([number]) => String(number), align: 'right' },
  ...parameters.map(
    ({ name }): Column<Point> => ({
      title: printable(name),
      cell: ([, values]) => short(values[name]),
      align: 'right',
    }),
  ),
];

/** One rung of a bracket with what it costs. */
interface RungRow {
  readonly bracket: number;
  readonly rung: number;
  readonly experiments: number;
  readonly resource: number;
  /** What a promoted experiment has spent already. */
  readonly before: number;
}

const rungRows = ({ brackets }: Preview): readonly RungRow[] =>
  (brackets ?? []).flatMap(({ bracket, rungs }) =>
    rungs.map((rung, index) => ({
      ...rung,
      bracket,
      rung: index,
      before: rungs[index - 1]?.resource ?? 0,
    })),
  );

const fromScratch = ({ experiments, resource }: RungRow): number => experiments * resource;
const goingOn = ({ experiments, resource, before }: RungRow): number =>
  experiments * (resource - before);

const RUNGS: readonly Column<RungRow>[] = [
  { title: 'bracket', cell: ({ bracket }) => String(bracket), align: 'right' },
  { title: 'rung', cell: ({ rung }) => String(rung), align: 'right' },
  { title: 'experiments', cell: ({ experiments }) => String(experiments), align: 'right' },
  { title: 'resource', cell: ({ resource }) => short(resource), align: 'right' },
  { title: 'from scratch', cell: (row) => short(fromScratch(row)), align: 'right' },
  { title: 'resumed', cell: (row) => short(goingOn(row)), align: 'right' },
];

/** Returns the brackets as a table, with what they cost in all; nothing where there are none. */
function bracketSection(preview: Preview, screen: Screen): readonly string[] {
  const rows = rungRows(preview);
  if (rows.length === 0) return [];
  const named = new Set(preview.parameters.map(({ name }) => name));
  const resource = Object.keys(preview.points[0] ?? {}).find((name) => !named.has(name));
  const total = (cost: (row: RungRow) => number): string =>
    short(rows.reduce((sum, row) => sum + cost(row), 0));
  return [
    tableOf(RUNGS, rows, screen),
    `${total(fromScratch)} ${resource ?? ''} in all from scratch, ${total(goingOn)} where promoted experiments are resumed`,
  ];
}

/** Returns what a document would run, for people. */
function describePreview(preview: Preview, screen: Screen): string {
  const { algorithm, planned, parameters, points, commands, warnings } = preview;
  const title = (text: string): string => screen.paint('bold', text);
  const shown = points.slice(0, POINTS_SHOWN).map((values, index): Point => [index + 1, values]);
  const brackets = bracketSection(preview, screen);
  const sections = [
    [title(`${algorithm} search, ${plural(planned, 'experiment')}`)],
    [tableOf(PARAMETERS, parameters, screen)],
    ...(brackets.length === 0 ? [] : [[title('brackets'), ...brackets]]),
    [
      title(`first points (${shown.length} of ${planned})`),
      tableOf(pointColumns(parameters), shown, screen),
    ],
    commands === null
      ? ['no run.cmd: "rungwise run" cannot run it, workers of your own can']
      : [title('first commands'), ...commands.map((command) => `  $ ${printable(command)}`)],
    ...(warnings.length === 0
      ? []
      : [
          [
            title('warnings'),
            ...warnings.map(({ path, message }) =>
              screen.paint('yellow', `  ${path}: ${printable(message)}`),
            ),
          ],
        ]),
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

/** Shows what a document would run; asks a service only where one is named. */
export async function preview(
  file: string,
  options: ServiceOptions & { readonly json?: boolean },
): Promise<number> {
  const source = await readSource(file);
  const url = serviceAddress(options);
  const found =
    url === null
      ? await previewHere(source)
      : await previewAt(createService({ url, key: options.key ?? null }), source);
  if (options.json === true) printJson(found);
  else print(describePreview(found, stdout));
  return EXIT.done;
}
