import { Command, Option } from 'commander';
import { VERSION } from '../lib/runtime/version.ts';
import { example, whole, withSending, withService } from './options.ts';
import { addWebhooks } from './program-webhooks.ts';

/*
 * The commands with their options. What a command needs is loaded when it runs, so that the others start at once.
 */

const PORT_MAX = 65_535;
const WORKERS_MAX = 1_000;
const LIMIT_DEFAULT = 50;

const withWork = (command: Command): Command =>
  withService(command)
    .option(
      '--workers <count>',
      "experiments to run at once (default: the document's concurrency)",
      whole(1, WORKERS_MAX),
    )
    .option('--build', 'run build.build_steps first, in an environment of their own')
    .option('--verbose', 'show everything that trainings print and report');

const withList = (command: Command): Command =>
  withService(command)
    .option('--csv', 'print CSV')
    .option('--limit <count>', 'how many to list', whole(1, 1_000_000), LIMIT_DEFAULT)
    .option('--all', 'list all of them');

/** Options of the commands about keys, which also reach a table or a data folder past the service. */
const withKeys = (command: Command): Command =>
  withService(command)
    .option('--table <name>', "a deployed service's table, opened with your own AWS credentials")
    .option('--region <region>', 'AWS region of the table (default: as AWS is configured)');

const GROUP = 'id, beginning of an id, name, or "latest"';

const SERVICES = `
Without --server (or RUNGWISE_URL) a command uses http://127.0.0.1:8080 if a service
answers there, else the data folder ./.rungwise. --data FOLDER uses that folder.`;

const KEYS = `
On this machine no key is needed until there is one; from then on every call needs one.
The first key of a deployed service is made with --table, by whoever may write the table.
--data FOLDER needs no key while nobody serves the folder: whoever may read it owns it.`;

/** Returns the command line; `exit` is told the code with which a command ends. */
export function createProgram(exit: (code: number) => void): Command {
  const program = new Command('rungwise')
    .description(
      'Hyperparameter optimisation from a polyaxonfile: on this machine or on a service.',
    )
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'print what there is to know')
    .helpCommand(false)
    .showHelpAfterError('Add --help to see what there is.')
    .addHelpText(
      'after',
      `${example(
        'rungwise preview polyaxonfile.yml    what it would run',
        'rungwise run polyaxonfile.yml        run it to its end on this machine',
        'rungwise serve                       the service, for several machines or programs',
      )}\n\n'rungwise COMMAND --help' tells more about a command.`,
    );

  withSending(program.command('serve'))
    .description('Serve groups on this machine; everything is kept in the data folder.')
    .option('--port <port>', 'port to listen on, 0 for a free one', whole(0, PORT_MAX), 8080)
    .option('--host <host>', 'address of this machine to listen on', '127.0.0.1')
    .option('--data <folder>', 'data folder (default: .rungwise)')
    .option('--json', 'print JSON, one object a line')
    .addHelpText('after', example('rungwise serve --port 8081 --data /var/lib/rungwise'))
    .action(async (options) => {
      const { serve } = await import('./commands/serve.ts');
      exit(await serve(options));
    });

  withService(program.command('preview'))
    .description('Show what a document would run; needs no service. Exits with 2 for a bad one.')
    .argument('<file>', 'polyaxonfile (YAML or JSON), "-" for standard input')
    .addHelpText('after', example('rungwise preview polyaxonfile.yml'))
    .action(async (file, options) => {
      const { preview } = await import('./commands/preview.ts');
      exit(await preview(file, options));
    });

  withSending(withWork(program.command('run')))
    .description('Create the group of a document and work on it to its end.')
    .argument('<file>', 'polyaxonfile (YAML or JSON), "-" for standard input')
    .addHelpText(
      'after',
      `
Runs run.cmd of each experiment in the current folder. A training reports by printing lines
such as: rungwise {"loss": 0.31, "step": 4}
Without --server (or RUNGWISE_URL) the group lives in the data folder, which is served on a
free port of this machine meanwhile. Ctrl-C gives back what runs: "rungwise agent" goes on.
At the end it waits, 20 s at most, until webhooks have been told.

Exit codes: 0 done, 1 nothing succeeded, 2 bad document, 130 Ctrl-C.
${example('rungwise run polyaxonfile.yml --workers 2', 'rungwise run polyaxonfile.yml --build --server http://127.0.0.1:8080')}`,
    )
    .action(async (file, options) => {
      const { run } = await import('./commands/run.ts');
      exit(await run(file, options));
    });

  withSending(withWork(program.command('agent')))
    .description('Work on an existing group, from as many machines as you like.')
    .argument('<group>', GROUP)
    .addHelpText('after', `${SERVICES}\n${example('rungwise agent latest --workers 4')}`)
    .action(async (group, options) => {
      const { agent } = await import('./commands/agent.ts');
      exit(await agent(group, options));
    });

  withList(program.command('groups'))
    .description('List groups, newest first.')
    .addOption(
      new Option('--status <status>', 'only these').choices([
        'running',
        'stopping',
        'stopped',
        'done',
      ]),
    )
    .option('--tag <tag>', 'only those with this tag')
    .addHelpText('after', `${SERVICES}\n${example('rungwise groups --status running')}`)
    .action(async (options) => {
      const { groups } = await import('./commands/groups.ts');
      exit(await groups(options));
    });

  withService(program.command('show'))
    .description('Show how a group stands.')
    .argument('<group>', GROUP)
    .addHelpText('after', `${SERVICES}\n${example('rungwise show latest')}`)
    .action(async (group, options) => {
      const { show } = await import('./commands/show.ts');
      exit(await show(group, options));
    });

  withList(program.command('experiments'))
    .description("List a group's experiments.")
    .argument('<group>', GROUP)
    .addOption(
      new Option('--status <status>', 'only these').choices([
        'queued',
        'running',
        'succeeded',
        'failed',
        'infeasible',
        'stopped',
      ]),
    )
    .addOption(
      new Option('--sort <order>', 'by number, or best first')
        .choices(['number', 'objective'])
        .default('number'),
    )
    .addHelpText(
      'after',
      `${SERVICES}\n${example('rungwise experiments latest --sort objective --limit 10')}`,
    )
    .action(async (group, options) => {
      const { experiments } = await import('./commands/experiments.ts');
      exit(await experiments(group, options));
    });

  withService(program.command('best'))
    .description("Show a group's best experiment. Exits with 1 where there is none.")
    .argument('<group>', GROUP)
    .addHelpText('after', `${SERVICES}\n${example('rungwise best latest --json')}`)
    .action(async (group, options) => {
      const { best } = await import('./commands/best.ts');
      exit(await best(group, options));
    });

  withService(program.command('events'))
    .description("List a group's log, oldest first.")
    .argument('<group>', GROUP)
    .option('--follow', 'go on until the group has ended or Ctrl-C')
    .addHelpText('after', `${SERVICES}\n${example('rungwise events latest --follow')}`)
    .action(async (group, options) => {
      const { events } = await import('./commands/events.ts');
      exit(await events(group, options));
    });

  withService(program.command('stop'))
    .description('Stop a group: nothing new is handed out, what runs is asked to stop.')
    .argument('<group>', GROUP)
    .addHelpText('after', `${SERVICES}\n${example('rungwise stop latest')}`)
    .action(async (group, options) => {
      const { stop } = await import('./commands/act.ts');
      exit(await stop(group, options));
    });

  withService(program.command('resume'))
    .description('Let a stopped group go on.')
    .argument('<group>', GROUP)
    .addHelpText('after', `${SERVICES}\n${example('rungwise resume latest')}`)
    .action(async (group, options) => {
      const { resume } = await import('./commands/act.ts');
      exit(await resume(group, options));
    });

  withService(program.command('delete'))
    .description('Delete a group with all its experiments.')
    .argument('<group>', GROUP)
    .option('--yes', 'do not ask')
    .addHelpText('after', `${SERVICES}\n${example('rungwise delete latest --yes')}`)
    .action(async (group, options) => {
      const { remove } = await import('./commands/act.ts');
      exit(await remove(group, options));
    });

  withService(program.command('export'))
    .description('Write every experiment and measurement of a group, or a report on it.')
    .argument('<group>', GROUP)
    .addOption(
      new Option('--format <format>', 'jsonl, csv or html')
        .choices(['jsonl', 'csv', 'html'])
        .default('jsonl'),
    )
    .option('--measurements', 'csv: one record for each measurement instead of each experiment')
    .option('-o, --output <file>', 'file to write (default: standard output)')
    .addHelpText(
      'after',
      `
jsonl: one experiment a line, with all its measurements in "measurements".
csv: one record for each experiment; its parameters as values.NAME, the last value of its
metrics as metrics.NAME. With --measurements: number, attempt, step, metric, value, reported_at.
html: a report with the plots of the dashboard, the best experiments and the document, in one
file that needs no script and no network.
${SERVICES}
${example(
  'rungwise export latest --format csv --output results.csv',
  'rungwise export latest --format html -o report.html',
)}`,
    )
    .action(async (group, options) => {
      const { exportGroup } = await import('./commands/export.ts');
      exit(await exportGroup(group, options));
    });

  program
    .command('inspect')
    .description("Look for groups whose items do not fit together in a deployed service's table.")
    .requiredOption('--table <name>', 'the table, opened with your own AWS credentials')
    .option('--region <region>', 'AWS region of the table (default: as AWS is configured)')
    .option('--json', 'print JSON, one group a line')
    .addHelpText(
      'after',
      `
For a table that was restored and that nobody works on yet: it reads every item, and writes none.
${example('rungwise inspect --table rungwise-vision-restored --region eu-central-1')}`,
    )
    .action(async (options) => {
      const { inspect } = await import('./commands/inspect.ts');
      exit(await inspect(options));
    });

  const keys = program
    .command('keys')
    .description('Create, list and revoke keys of the team.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `${KEYS}\n${example('rungwise keys create --name laptop', 'rungwise keys list')}`,
    );

  withKeys(keys.command('create'))
    .description('Create a key and print it: that is the only time it is shown.')
    .option('--name <name>', 'whose key it is, or what for')
    .option(
      '--scopes <scopes>',
      'what it allows, separated by commas: groups:read, groups:write, work, admin',
      'groups:read,groups:write,work,admin',
    )
    .option('--expires <when>', 'when it ends: 12h, 90d, 2030-01-31 (default: when it is revoked)')
    .addHelpText(
      'after',
      `
The key goes to standard output, everything else to standard error:
  RUNGWISE_KEY=$(rungwise keys create --name laptop)
Workers need no more than --scopes groups:read,work; keys and webhooks need admin.
${example('rungwise keys create --name trainer --scopes groups:read,work --expires 90d', 'rungwise keys create --table rungwise-vision --region eu-central-1')}`,
    )
    .action(async (options) => {
      const { createKey } = await import('./commands/keys.ts');
      exit(await createKey(options));
    });

  withKeys(keys.command('list'))
    .description('List the keys, newest first, without their secrets.')
    .addHelpText('after', example('rungwise keys list'))
    .action(async (options) => {
      const { listKeys } = await import('./commands/keys.ts');
      exit(await listKeys(options));
    });

  withKeys(keys.command('revoke'))
    .description('Revoke a key: within a minute it opens nothing any more.')
    .argument('<key>', 'id of the key, such as "rungwise keys list" shows, or the key itself')
    .addHelpText('after', example('rungwise keys revoke key_01k8y5m2q3r4s5t6v7w8x9y0za'))
    .action(async (word, options) => {
      const { revokeKey } = await import('./commands/keys.ts');
      exit(await revokeKey(word, options));
    });

  addWebhooks(program, exit);
  return program;
}
