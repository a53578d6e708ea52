import type { ReplyOf } from '../../shared/wire/operations.ts';
import { spanArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { formatTable } from './table.ts';

export const command = commandGroup(
  'webhook',
  'Where the events of the audit log are delivered to.',
  [defineAdd, defineList, defineRotate, defineChanges],
);

const id = {
  type: 'string',
  demandOption: true,
  describe: 'As `fobd webhook list` shows it',
} as const;

function defineAdd(parser: Parser, choose: Choose): void {
  parser.command(
    'add <url>',
    'Deliver events to an endpoint; its secret is shown this once',
    (inner) =>
      inner
        .positional('url', { type: 'string', demandOption: true, describe: 'https, or loopback' })
        .options({
          event: {
            type: 'array',
            string: true,
            requiresArg: true,
            describe: 'Only events of this type; give it once for each [default: all]',
          },
          'allow-private': {
            type: 'boolean',
            describe: 'It may be reached at a private address',
          },
        }),
    (args) => {
      const { url, event, 'allow-private': allowPrivate } = args;
      const body = { url, events: event?.map(String), allowPrivate };
      choose(args, async ({ withClient, print }) => {
        const added = await withClient((client) => client.call('addWebhook', { body }));
        return print(added, secretText(added));
      });
    },
  );
}

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list',
    'List endpoints and how each does; never their secrets',
    (inner) => inner,
    (args) =>
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('listWebhooks'));
        return print(reply, listText(reply));
      }),
  );
}

function defineRotate(parser: Parser, choose: Choose): void {
  parser.command(
    'rotate <id>',
    'Sign with another secret, shown this once',
    (inner) =>
      inner.positional('id', id).options({
        overlap: {
          type: 'string',
          requiresArg: true,
          describe: 'How long the old one signs as well; 0s ends it now [default: 1d]',
        },
      }),
    (args) => {
      const options = {
        params: { id: args.id },
        body: { overlap: spanArgument('--overlap', args.overlap) },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('rotateWebhook', options));
        return print(reply, secretText(reply));
      });
    },
  );
}

function defineChanges(parser: Parser, choose: Choose): void {
  parser
    .command(
      'enable <id>',
      'Deliver again to one that is disabled, from where it was',
      (inner) => inner.positional('id', id),
      (args) => {
        const options = { params: { id: args.id } };
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call('enableWebhook', options));
          return print(reply, `Events are delivered to ${reply.webhook.url} again.`);
        });
      },
    )
    .command(
      'remove <id>',
      'Deliver nothing to it any more',
      (inner) => inner.positional('id', id),
      (args) => {
        const options = { params: { id: args.id } };
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call('removeWebhook', options));
          return print(reply, `${reply.webhook.url} is removed.`);
        });
      },
    );
}

const secretText = ({ webhook, secret }: ReplyOf<'addWebhook'>): string =>
  `Webhook ${webhook.id} to ${webhook.url}. Its secret, shown this once:\n\n  ${secret}\n`;

function listText({ webhooks }: ReplyOf<'listWebhooks'>): string {
  const rows = webhooks.map((webhook) => [
    webhook.id,
    webhook.url,
    webhook.events?.join(' ') ?? 'all',
    stateText(webhook),
    String(webhook.waiting),
    String(webhook.delivered),
    lostText(webhook),
  ]);
  const headings = ['WEBHOOK', 'URL', 'EVENTS', 'STATE', 'WAITING', 'DELIVERED', 'LOST'];
  return formatTable(headings, rows, 'No webhooks.');
}

type WebhookView = ReplyOf<'listWebhooks'>['webhooks'][number];

const lostText = ({ lost, lostToRetention = 0 }: WebhookView): string =>
  lostToRetention === 0 ? String(lost) : `${lost} (${lostToRetention} by retention)`;

function stateText(webhook: WebhookView): string {
  const { disabledAt, disabledBecause, failingSince, lastFailure } = webhook;
  if (disabledAt !== undefined) return `disabled (${disabledBecause})`;
  return failingSince === undefined ? 'well' : `failing since ${failingSince}: ${lastFailure}`;
}
