import type { CreatedWebhook, Webhook } from '../answers.ts';
import type { Service } from '../client.ts';
import { expectAnswer } from '../client.ts';
import { confirm } from '../confirm.ts';
import type { ServiceOptions } from '../connect.ts';
import { connect, withService } from '../connect.ts';
import { EXIT, Failure } from '../failure.ts';
import { eachWebhook } from '../pages.ts';
import { selectGroup } from '../select-group.ts';
import { selectWebhook } from '../select-webhook.ts';
import { printFacts } from '../show/facts.ts';
import { cut, moment, printable } from '../show/format.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import type { Column } from '../show/table.ts';
import { tableOf } from '../show/table.ts';

/*
 * Webhooks themselves; `deliveries.ts` has what becomes of their deliveries.
 */

/** How long a passing trouble is waited out, ms. */
const PATIENCE_MS = 10_000;
/** Characters of its patterns that the list shows of a webhook. */
const EVENTS_SHOWN = 14;

export interface WebhookOptions extends ServiceOptions {
  readonly json?: boolean;
}

/** What is to be told, and where. */
export interface WebhookFields extends WebhookOptions {
  readonly events?: string;
  readonly groups?: string;
  readonly description?: string;
}

const listed = (text: string): readonly string[] => text.split(',').map((word) => word.trim());

/** The ids of the groups that words name; null for all of them. */
async function groupsOf(service: Service, text: string): Promise<readonly string[] | null> {
  if (text === 'all') return null;
  return Promise.all(listed(text).map(async (word) => (await selectGroup(service, word)).id));
}

/** What of the fields the command was given, as the contract has it. */
async function bodyOf(
  service: Service,
  { events, groups, description }: WebhookFields,
): Promise<object> {
  return {
    ...(events === undefined ? {} : { events: listed(events) }),
    ...(groups === undefined ? {} : { groups: await groupsOf(service, groups) }),
    ...(description === undefined ? {} : { description }),
  };
}

/** A URL that only a service which was told so may send to. */
const isNear = (url: string): boolean => {
  const { protocol = '', hostname = '' } = URL.parse(url) ?? {};
  const isPrivate =
    /^(?:localhost$|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[(?:::1|f[cd]))/;
  return protocol === 'http:' || isPrivate.test(hostname);
};

/** Does what sends a URL; a refusal says how a URL of this machine or its network may be used. */
async function withUrl<R>(url: string | undefined, work: Promise<R>): Promise<R> {
  try {
    return await work;
  } catch (error) {
    const isRefused = error instanceof Failure && error.mistakes.some(({ path }) => path === 'url');
    if (!isRefused || url === undefined || !isNear(url)) throw error;
    const { code, exitCode, mistakes } = error;
    throw new Failure(
      'on a laptop, http and private addresses need a service that was started with --allow-private-webhooks',
      { ...(code === null ? {} : { code }), exitCode, mistakes },
    );
  }
}

const audienceOf = ({ events, groups }: Webhook): string =>
  `${events.join(', ')} of ${groups === null ? 'all groups' : groups.join(', ')}`;

/** Prints a secret, which is all that goes to standard output; what else there is to say goes beside it. */
function printSecret(created: CreatedWebhook, lines: readonly string[], isJson: boolean): void {
  if (isJson) {
    printJson(created);
    return;
  }
  for (const line of lines) say(line);
  print(created.secret ?? '');
}

/** Creates a webhook and prints its secret. */
export const createWebhook = (
  url: string,
  options: WebhookFields & { readonly events: string },
): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const body = { url, ...(await bodyOf(service, options)) };
    // Never tried again by itself: if the answer was lost, a repeat could not have the secret.
    const calling = service.call('createWebhook', { body }).then((answer) => expectAnswer(answer));
    const created = await withUrl(url, calling);
    printSecret(
      created,
      [
        `${created.id} is told of ${audienceOf(created)}`,
        'this is the only time that the secret is shown: give it to the endpoint, which verifies with it',
        `next: rungwise webhooks test ${created.id}`,
      ],
      options.json === true,
    );
    return EXIT.done;
  });

/** `failing` is not a status of the contract, but what people look for. */
const standing = ({ status, failing_since: since }: Webhook): string =>
  status === 'enabled' && since !== null ? 'failing' : status;

const COLUMNS: readonly Column<Webhook>[] = [
  { title: 'webhook', cell: ({ id }) => id },
  { title: 'status', cell: standing },
  { title: 'events', cell: ({ events }) => cut(events.join(','), EVENTS_SHOWN) },
  // What tells URLs apart comes after the scheme.
  { title: 'url', cell: ({ url }) => printable(url.replace(/^https?:\/\//, '')) },
];

/** Lists the webhooks, newest first. */
export const listWebhooks = (options: WebhookOptions): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const webhooks = await Array.fromAsync(eachWebhook(service));
    if (options.json === true) {
      for (const webhook of webhooks) printJson(webhook);
    } else {
      print(webhooks.length === 0 ? 'no webhook' : tableOf(COLUMNS, webhooks, stdout));
    }
    return EXIT.done;
  });

const momentOrNull = (time: string | null): string | null => (time === null ? null : moment(time));

/** What is known of a webhook by name; null where it has no such thing. */
const facts = (webhook: Webhook): Readonly<Record<string, string | null>> => ({
  webhook: webhook.id,
  url: webhook.url,
  events: webhook.events.join(', '),
  groups: webhook.groups === null ? 'all' : webhook.groups.join(', '),
  description: webhook.description === '' ? null : webhook.description,
  status: [webhook.status, webhook.status_reason?.detail].filter(Boolean).join(': '),
  'failing since': momentOrNull(webhook.failing_since),
  created: moment(webhook.created_at),
  changed: webhook.updated_at === webhook.created_at ? null : moment(webhook.updated_at),
});

function printWebhook(webhook: Webhook, isJson: boolean): void {
  if (isJson) {
    printJson(webhook);
    return;
  }
  printFacts(facts(webhook), stdout);
  const { id, status, failing_since: since } = webhook;
  if (status === 'disabled') {
    say(
      `"rungwise webhooks update ${id} --enable" enables it; what happened meanwhile is not sent`,
    );
  } else if (since !== null) {
    say(`nothing has arrived since then: "rungwise webhooks deliveries ${id}" shows why`);
  }
}

/** Shows a webhook. */
export const showWebhook = (word: string, options: WebhookOptions): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    printWebhook(await selectWebhook(service, word), options.json === true);
    return EXIT.done;
  });

/** Changes what is given of a webhook. */
export const updateWebhook = (
  word: string,
  options: WebhookFields & {
    readonly url?: string;
    readonly enable?: boolean;
    readonly disable?: boolean;
  },
): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const { url, enable: isEnabled, disable: isDisabled } = options;
    const body = {
      ...(url === undefined ? {} : { url }),
      ...(await bodyOf(service, options)),
      ...(isEnabled === true ? { status: 'enabled' } : {}),
      ...(isDisabled === true ? { status: 'disabled' } : {}),
    };
    if (Object.keys(body).length === 0) {
      throw new Failure(
        'there is nothing to change: give --url, --events, --groups, --description, --enable or --disable.',
      );
    }
    const { id } = await selectWebhook(service, word);
    const calling = service
      .call('patchWebhook', { webhook: id, body, patienceMs: PATIENCE_MS })
      .then((answer) => expectAnswer(answer));
    printWebhook(await withUrl(url, calling), options.json === true);
    return EXIT.done;
  });

/** Deletes a webhook, after asking. */
export const deleteWebhook = (
  word: string,
  options: WebhookOptions & { readonly yes?: boolean },
): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const { id, url } = await selectWebhook(service, word);
    if (options.yes !== true && !(await confirm(`delete ${id} (${printable(url)})?`))) {
      say('nothing was deleted');
      return EXIT.failed;
    }
    expectAnswer(await service.call('deleteWebhook', { webhook: id, patienceMs: PATIENCE_MS }));
    if (options.json === true) printJson({ deleted: id });
    else print(`${id} is deleted`);
    return EXIT.done;
  });

/** Gives a webhook a new secret and prints it. */
export const rotateSecret = (word: string, options: WebhookOptions): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const { id } = await selectWebhook(service, word);
    const rotated = expectAnswer(await service.call('rotateSecret', { webhook: id }));
    printSecret(
      rotated,
      [
        `${id} signs with both secrets for 24 hours: change the endpoint over to the new one by then`,
        'this is the only time that the secret is shown',
      ],
      options.json === true,
    );
    return EXIT.done;
  });
