import type { UnixMillis } from '../../shared/types.ts';
import { type Caller, SYSTEM } from '../access/scopes.ts';
import { pagesOf } from '../store/pages.ts';
import { put, remove, replyOnly, type Store } from '../store/port.ts';
import { tokenKey } from '../tokens/record.ts';
import { type EndOfSetup, endDraft, ended } from './create.ts';
import { MOBILE_ID_SETUPS, type MobileIdSetupRecord, setupKey } from './record.ts';

/**
 * Ends what was shown and never confirmed. Nobody can confirm it from its expiry on; this takes it
 * out of the lists.
 *
 * @param stepwise each at the moment of its expiry, as if this had run then. Default false
 */
export async function endExpiredSetups(
  now: UnixMillis,
  { stepwise = false }: { readonly stepwise?: boolean },
  store: Pick<Store, 'scan' | 'transact'>,
): Promise<void> {
  await endSetups(
    ({ expiresAt }) => (expiresAt > now ? undefined : stepwise ? expiresAt : now),
    'expired',
    store,
  );
}

/**
 * After a restore: what waited in the backup may have been ended since, by whoever was shown
 * another, and whoever has a picture of it must not take it up.
 */
export const endRestoredSetups = (
  store: Pick<Store, 'scan' | 'transact'>,
  now: UnixMillis,
): Promise<void> => endSetups(() => now, 'restored', store);

/** @param endOf when one ends; undefined: not yet */
async function endSetups(
  endOf: (setup: MobileIdSetupRecord) => UnixMillis | undefined,
  because: EndOfSetup,
  store: Pick<Store, 'scan' | 'transact'>,
): Promise<void> {
  for await (const page of pagesOf(store, MOBILE_ID_SETUPS)) {
    for (const setup of page) {
      const at = endOf(setup);
      if (at !== undefined) await endSetup(setup, { at, because }, store);
    }
  }
}

/** Its token may be registered: the setup is what a crash has left of a confirmation then. */
function endSetup(
  { account, serial }: Pick<MobileIdSetupRecord, 'account' | 'serial'>,
  { at, because }: { readonly at: UnixMillis; readonly because: EndOfSetup },
  store: Pick<Store, 'transact'>,
): Promise<void> {
  const caller: Caller = { principal: SYSTEM, now: at };
  return store.transact([setupKey(account), tokenKey(serial)], ([setup, token]) => {
    if (setup?.serial !== serial) return replyOnly(undefined);
    const gone = remove(setupKey(account));
    if (token?.life !== 'stocked') return { ...replyOnly(undefined), writes: [gone] };
    return {
      writes: [gone, put(tokenKey(serial), ended(token, at))],
      auditDrafts: [endDraft(serial, { account, because }, caller)],
      reply: undefined,
    };
  });
}
