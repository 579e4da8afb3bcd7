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

function bracketLines({ brackets }: Preview): readonly string[] {
  return (brackets ?? []).map(({ bracket, rungs }) => {
    const steps = rungs.map(
      ({ experiments, resource }) => `${experiments} with ${short(resource)}`,
    );
    return `  bracket ${bracket}: ${steps.join(', then ')}`;
  });
}

/** Returns what a document would run, for people. */
function describePreview(preview: Preview, screen: Screen): string {
  const { algorithm, planned, parameters, points, commands, warnings } = preview;
  const title = (text: string): string => screen.paint('bold', text);
  const shown = points.slice(0, POINTS_SHOWN).map((values, index): Point => [index + 1, values]);
  const brackets = bracketLines(preview);
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
