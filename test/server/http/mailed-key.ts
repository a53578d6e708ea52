import { noticeKey } from '../../../server/notices/record.ts';
import { openSecrets } from '../../../server/notices/secrets.ts';
import { replyOnly, type Store } from '../../../server/store/port.ts';
import { deriveKey } from '../../../server/vault/keys.ts';

/** The licence key in the mail about `subscription`, opened with the root key of `served.ts`. */
export async function mailedKey(
  store: Pick<Store, 'transact'>,
  subscription: string,
  rootKey = new Uint8Array(32).fill(1),
): Promise<string> {
  const id = `${subscription}:licenceKey:0`;
  const notice = await store.transact([noticeKey(id)], ([found]) => replyOnly(found));
  const sealed = notice?.sealed;
  const secrets =
    sealed === undefined ? undefined : openSecrets(deriveKey(rootKey, 'notices'), sealed, id);
  const key = secrets?.['licenceKey'];
  if (!key) throw new Error(`no key of ${subscription} was mailed`);
  return key;
}
