import { FobtwinError } from '../../shared/errors.ts';
import type { Otp } from '../../shared/otp.ts';
import type { Store } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { refuseEqualCodes } from '../verification/pair.ts';
import type { Policy } from '../verification/policy.ts';
import { changeLife } from './change-life.ts';
import { clockOf } from './clock.ts';
import { importEntries } from './import.ts';
import { getToken, listTokens } from './listing.ts';
import type { PairReply } from './pair-answer.ts';
import type { TokenService, TwoCodesAnswer } from './port.ts';
import { registerToken } from './registration.ts';
import { resyncToken } from './resync.ts';
import { shadowPrefix } from './shadows.ts';
import type { Deciding } from './subject.ts';
import { verifyByAccount } from './verify-account.ts';
import { verifyBySerial } from './verify-serial.ts';

export interface TokenServiceOptions {
  readonly store: Store;
  readonly vault: Vault;
  readonly otp: Otp;
  readonly policy: Policy;
  /** The data directory is a lab. Default false. */
  readonly lab?: boolean;
  /** Whether codes may teach drift just now: the server's clock is steady. Default: always. */
  readonly learns?: () => boolean;
}

export function createTokenService({
  store,
  vault,
  otp,
  policy,
  lab = false,
  learns = () => true,
}: TokenServiceOptions): TokenService {
  const deciding: Deciding = {
    vault,
    env: { otp, policy, learns },
    shadowPrefix: shadowPrefix(vault),
  };
  return {
    verify(command, caller) {
      if (command.account !== undefined) return verifyByAccount(command, caller, store, deciding);
      const { keys, decide } = verifyBySerial(command, caller, deciding);
      return store.transact(keys, decide);
    },
    async register(command, caller) {
      refuseEqualCodes(command);
      const { keys, decide } = registerToken(command, caller, deciding);
      return answerOrThrow(await store.transact(keys, decide));
    },
    async resync(command, caller) {
      refuseEqualCodes(command);
      const { keys, decide } = resyncToken(command, caller, deciding);
      return answerOrThrow(await store.transact(keys, decide));
    },
    changeLife: (command, caller) => changeLife(command, caller, store),
    get: (serial) => getToken(serial, store),
    list: (query) => listTokens(query, store),
    clock: (detail, now) => clockOf(detail, now, policy),
    importEntries: (entries, options, caller) =>
      importEntries(entries, options, caller, { store, vault, lab }),
  };
}

function answerOrThrow(reply: PairReply): TwoCodesAnswer {
  if (reply instanceof FobtwinError) throw reply;
  return reply;
}
