import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, Serial } from '../../shared/types.ts';
import { remove, replyOnly, type Store } from '../store/port.ts';
import type { TokenService } from '../tokens/port.ts';
import { type Creating, createMobileId } from './create.ts';
import type { MobileIdService } from './port.ts';
import { setupKey } from './record.ts';

export interface MobileIdServiceOptions extends Creating {
  readonly tokens: Pick<TokenService, 'register'>;
}

export function createMobileIdService({
  tokens,
  ...creating
}: MobileIdServiceOptions): MobileIdService {
  const { store } = creating;
  return {
    create: (command, caller) => createMobileId(command, caller, creating),

    async confirm({ account, serial, code1, code2 }, caller) {
      const setup = await store.transact([setupKey(account)], ([found]) => replyOnly(found));
      if (setup?.serial !== serial || setup.expiresAt <= caller.now) throw nothingWaits();
      const { credential } = setup;
      const command = { serial, account, code1, code2 };
      const answer = await tokens.register(
        credential === undefined ? command : { ...command, credential },
        caller,
      );
      if (answer.outcome === 'accepted') await endSetup(account, serial, store);
      return answer;
    },
  };
}

/** Of another account, of none, too late: which of these is not told. */
const nothingWaits = (): FobtwinError =>
  new FobtwinError('notFound', 'No Mobile ID of this serial waits to be confirmed.', {
    nextStep: 'Set up a new one: each is to be confirmed within a day.',
  });

const endSetup = (
  account: AccountId,
  serial: Serial,
  store: Pick<Store, 'transact'>,
): Promise<void> =>
  store.transact([setupKey(account)], ([setup]) => ({
    ...replyOnly(undefined),
    writes: setup?.serial === serial ? [remove(setupKey(account))] : [],
  }));
