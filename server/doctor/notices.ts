import type { Client } from '../../shared/client/client.ts';
import { type Finding, orOk, warn } from './finding.ts';

/** Mails that do not leave, and endpoints that get no events. */
export async function checkNotices(
  client: Client,
  { hasMail }: { readonly hasMail: boolean },
): Promise<readonly Finding[]> {
  const isAny = async (state: 'queued' | 'failed'): Promise<boolean> => {
    const { items } = await client.call('listNotices', { query: { state, limit: 1 } });
    return items.length > 0;
  };
  const found: Finding[] = [];
  if (!hasMail && (await isAny('queued'))) {
    const next = 'Give fobd serve a mail server: --mail FILE.';
    found.push(warn('mail', 'Mails wait, and no mail server is set', next));
  }
  if (await isAny('failed')) {
    const next = 'See fobd notice list --state failed, then fobd notice retry ID.';
    found.push(warn('mail', 'Mails could not be sent', next));
  }
  const { webhooks } = await client.call('listWebhooks');
  for (const { id, disabledAt, failingSince } of webhooks) {
    if (disabledAt !== undefined) {
      const next = `Mend its receiver, then fobd webhook enable ${id}; or remove it.`;
      found.push(warn('webhooks', `Webhook ${id} is disabled since ${disabledAt}`, next));
    } else if (failingSince !== undefined) {
      const next = 'See fobd webhook list: after three days of failing it is disabled.';
      found.push(warn('webhooks', `Webhook ${id} is failing since ${failingSince}`, next));
    }
  }
  return orOk(found, 'notices', 'No mail has failed, and every webhook is well');
}
