import type { Command } from 'commander';
import { Option } from 'commander';
import { example, whole, withSending, withService } from './options.ts';

const DELIVERIES_DEFAULT = 10;

const WEBHOOK = 'id, beginning of an id, URL, description, or "latest"';

const WEBHOOKS = `
Events: group.done, experiment.failed and the like, group.* or experiment.* for
all of a kind, * for all. docs/events.md lists them, docs/webhooks.md says how an
endpoint verifies them.`;

/** Adds the commands about webhooks; `exit` is told the code with which one ends. */
export function addWebhooks(program: Command, exit: (code: number) => void): void {
  const webhooks = program
    .command('webhooks')
    .description('Tell endpoints of what happens in groups, and look at what was delivered.')
    .helpCommand(false)
    // Their arguments would leave no room for what they do.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText(
      'after',
      `${WEBHOOKS}\n${example(
        'rungwise webhooks create https://hooks.example.com/rungwise --events group.done',
        'rungwise webhooks test latest',
        'rungwise webhooks deliveries latest',
      )}`,
    );

  withSending(withService(webhooks.command('create')))
    .description('Create a webhook and print its secret: that is the only time it is shown.')
    .argument('<url>', 'where events are sent: https, on port 443 or 8443')
    .requiredOption('--events <events>', 'what it is told of, separated by commas')
    .option('--groups <groups>', 'only these, separated by commas (default: all)')
    .option('--description <text>', 'what it is for')
    .addHelpText(
      'after',
      `
The secret goes to standard output, everything else to standard error:
  SECRET=$(rungwise webhooks create https://hooks.example.com/rungwise --events '*')
${WEBHOOKS}
${example(
  "rungwise webhooks create https://hooks.example.com/rungwise --events 'group.*'",
  'rungwise webhooks create http://127.0.0.1:9000/ --events group.done --allow-private-webhooks',
)}`,
    )
    .action(async (url, options) => {
      const { createWebhook } = await import('./commands/webhooks.ts');
      exit(await createWebhook(url, options));
    });

  withService(webhooks.command('list'))
    .description('List the webhooks, newest first, without their secrets.')
    .addHelpText('after', example('rungwise webhooks list'))
    .action(async (options) => {
      const { listWebhooks } = await import('./commands/webhooks.ts');
      exit(await listWebhooks(options));
    });

  withService(webhooks.command('show'))
    .description('Show a webhook, and why nothing is sent to it where that is so.')
    .argument('<webhook>', WEBHOOK)
    .addHelpText('after', example('rungwise webhooks show latest'))
    .action(async (webhook, options) => {
      const { showWebhook } = await import('./commands/webhooks.ts');
      exit(await showWebhook(webhook, options));
    });

  withSending(withService(webhooks.command('update')))
    .description('Change what is given of a webhook; the secret stays.')
    .argument('<webhook>', WEBHOOK)
    .option('--url <url>', 'where events are sent')
    .option('--events <events>', 'what it is told of, separated by commas')
    .option('--groups <groups>', 'only these, separated by commas; "all" for all')
    .option('--description <text>', 'what it is for')
    .addOption(
      new Option('--enable', 'send to it again, what happens from now on').conflicts('disable'),
    )
    .option('--disable', 'send nothing until it is enabled')
    .addHelpText('after', `${WEBHOOKS}\n${example('rungwise webhooks update latest --enable')}`)
    .action(async (webhook, options) => {
      const { updateWebhook } = await import('./commands/webhooks.ts');
      exit(await updateWebhook(webhook, options));
    });

  withService(webhooks.command('delete'))
    .description('Delete a webhook with all its deliveries.')
    .argument('<webhook>', WEBHOOK)
    .option('--yes', 'do not ask')
    .addHelpText('after', example('rungwise webhooks delete latest --yes'))
    .action(async (webhook, options) => {
      const { deleteWebhook } = await import('./commands/webhooks.ts');
      exit(await deleteWebhook(webhook, options));
    });

  withSending(withService(webhooks.command('test')))
    .description('Send the event webhook.test. Exits with 1 where it is not taken.')
    .argument('<webhook>', WEBHOOK)
    .addHelpText('after', example('rungwise webhooks test latest'))
    .action(async (webhook, options) => {
      const { testWebhook } = await import('./commands/deliveries.ts');
      exit(await testWebhook(webhook, options));
    });

  withService(webhooks.command('deliveries'))
    .description('List what was sent and how it was answered, the newest events first.')
    .argument('<webhook>', WEBHOOK)
    .addOption(
      new Option('--status <status>', 'only these').choices(['pending', 'delivered', 'failed']),
    )
    .option('--limit <count>', 'how many to list', whole(1, 1_000_000), DELIVERIES_DEFAULT)
    .option('--all', 'list all of them')
    .addHelpText('after', example('rungwise webhooks deliveries latest --status failed'))
    .action(async (webhook, options) => {
      const { deliveries } = await import('./commands/deliveries.ts');
      exit(await deliveries(webhook, options));
    });

  withSending(withService(webhooks.command('redeliver')))
    .description('Send a delivery once more, now. Exits with 1 where it is not taken.')
    .argument('<webhook>', WEBHOOK)
    .argument('<delivery>', 'id, beginning of an id, id of the event, or "latest"')
    .addHelpText('after', example('rungwise webhooks redeliver latest latest'))
    .action(async (webhook, delivery, options) => {
      const { redeliver } = await import('./commands/deliveries.ts');
      exit(await redeliver(webhook, delivery, options));
    });

  withSending(withService(webhooks.command('recover')))
    .description('Send everything once more that has not arrived since a time.')
    .argument('<webhook>', WEBHOOK)
    .requiredOption('--since <when>', 'from when on: 30m, 2h, 3d, 2026-01-31, 2026-01-31T12:00:00Z')
    .addHelpText('after', example('rungwise webhooks recover latest --since 2h'))
    .action(async (webhook, options) => {
      const { recover } = await import('./commands/deliveries.ts');
      exit(await recover(webhook, options));
    });

  withService(webhooks.command('rotate-secret'))
    .description('Print a new secret; the one before signs beside it for 24 hours more.')
    .argument('<webhook>', WEBHOOK)
    .addHelpText(
      'after',
      `
The secret goes to standard output, everything else to standard error.
${example('rungwise webhooks rotate-secret latest')}`,
    )
    .action(async (webhook, options) => {
      const { rotateSecret } = await import('./commands/webhooks.ts');
      exit(await rotateSecret(webhook, options));
    });
}
