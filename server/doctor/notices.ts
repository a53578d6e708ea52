import type { Client } from '../../shared/client/client.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { isHeldUp } from '../notices/queues.ts';
import { type Finding, orOk, warn } from './finding.ts';
import { everyItem } from './served.ts';

/** Mails that do not leave, and endpoints that get no events. */
export async function checkNotices(
  client: Client,
  options: { readonly hasMail: boolean; readonly now: number },
): Promise<readonly Finding[]> {
  const { webhooks } = await client.call('listWebhooks');
  const found = [
    ...(await checkQueue(client, options)),
    ...(await checkFailed(client)),
    ...webhooks.flatMap(checkWebhook),
  ];
  return orOk(found, 'notices', 'No mail has failed or is held up, and every webhook is well');
}

/** A queue that is longer than this is looked at no further. */
const QUEUED_MAX = 10_000;
const PAGE = 500;

async function checkQueue(
  client: Client,
  { hasMail, now }: { readonly hasMail: boolean; readonly now: number },
): Promise<readonly Finding[]> {
  const queued = everyItem((cursor) =>
    client.call('listNotices', { query: { state: 'queued', cursor, limit: PAGE } }),
  );
  let seen = 0;
  for await (const { at, queuedAt: since = at } of queued) {
    if (!hasMail) {
      const next = 'Give fobd serve a mail server: --mail FILE.';
      return [warn('mail', 'Mails wait, and no mail server is set', next)];
    }
    if (isHeldUp(Date.parse(since), now)) {
      const next = 'See fobd notice list --state queued: LAST FAILURE says what holds each up.';
      return [warn('mail', `The queue of mails does not drain: one waits since ${since}`, next)];
    }
    seen += 1;
    if (seen === QUEUED_MAX) break;
  }
  return [];
}

async function checkFailed(client: Client): Promise<readonly Finding[]> {
  const { items } = await client.call('listNotices', { query: { state: 'failed', limit: 1 } });
  if (items.length === 0) return [];
  const next = 'See fobd notice list --state failed, then fobd notice retry ID.';
  return [warn('mail', 'Mails could not be sent', next)];
}

function checkWebhook({
  id,
  disabledAt,
  failingSince,
}: ReplyOf<'listWebhooks'>['webhooks'][number]): readonly Finding[] {
  if (disabledAt !== undefined) {
    const next = `Mend its receiver, then fobd webhook enable ${id}; or remove it.`;
    return [warn('webhooks', `Webhook ${id} is disabled since ${disabledAt}`, next)];
  }
  if (failingSince === undefined) return [];
  const next = 'See fobd webhook list: after three days of failing it is disabled.';
  return [warn('webhooks', `Webhook ${id} is failing since ${failingSince}`, next)];
}
