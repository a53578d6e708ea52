import { FobtwinError } from '../../shared/errors.ts';
import type { Otp } from '../../shared/otp.ts';
import type { Caller } from '../access/scopes.ts';
import type { Store } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { refuseEqualCodes } from '../verification/pair.ts';
import type { Policy } from '../verification/policy.ts';
import { type AcceptanceObserver, watchAcceptances } from './acceptances.ts';
import { changeLife } from './change-life.ts';
import { clockOf } from './clock.ts';
import { exportEntries } from './export.ts';
import { verifyOnce } from './idempotency.ts';
import { importEntries } from './import.ts';
import { createImports, type Imports } from './imports.ts';
import { getToken, listTokens } from './listing.ts';
import type { PairReply } from './pair-answer.ts';
import type { TokenService, TwoCodesAnswer, VerifyAnswer, VerifyCommand } from './port.ts';
import { registerToken } from './registration.ts';
import { replaceToken } from './replace.ts';
import { resyncToken } from './resync.ts';
import { createSearches } from './searches.ts';
import { shadowPrefix, UNKNOWN_PARAMETERS } from './shadows.ts';
import type { Deciding } from './subject.ts';
import { withoutPending } from './token-store.ts';
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
  /** Default: those of a store in which nothing was ever imported. */
  readonly imports?: Imports | undefined;
  /** Told what each code said that `verify` accepted. Default: nobody is told. */
  readonly observe?: AcceptanceObserver | undefined;
  /** 32 bytes that are not in the store: see `accounts/issued-codes.ts`. Default: none. */
  readonly issuedCodesKey?: Uint8Array | undefined;
}

export function createTokenService({
  store: wholeStore,
  vault,
  otp,
  policy,
  lab = false,
  learns = () => true,
  imports = createImports(wholeStore),
  observe,
  issuedCodesKey,
}: TokenServiceOptions): TokenService {
  const store = withoutPending(wholeStore, imports.pending);
  const deciding: Deciding = {
    vault,
    env: { otp, policy, learns },
    searches: createSearches(),
    usual: { parameters: UNKNOWN_PARAMETERS },
    shadowPrefix: shadowPrefix(vault),
    issuedCodesKey,
  };
  return {
    verify(command, caller) {
      const seen =
        observe === undefined
          ? store
          : watchAcceptances(store, observe, { policy, now: caller.now });
      const { idempotencyKey } = command;
      if (idempotencyKey === undefined) return verifyCode(command, caller, seen, deciding);
      return verifyOnce({ ...command, idempotencyKey }, caller, { store: seen, vault }, (once) =>
        verifyCode(command, caller, once, deciding),
      );
    },
    async register(command, caller) {
      refuseEqualCodes(command);
      return answerOrThrow(await registerToken(command, caller, store, deciding));
    },
    async resync(command, caller) {
      refuseEqualCodes(command);
      return answerOrThrow(await resyncToken(command, caller, store, deciding));
    },
    async replace(command, caller) {
      refuseEqualCodes(command);
      return await replaceToken(command, caller, store, deciding);
    },
    changeLife: (command, caller) => changeLife(command, caller, store),
    get: (serial) => getToken(serial, store),
    list: (query) => listTokens(query, store),
    clock: (detail, now) => clockOf(detail, now, policy),
    importEntries: (entries, options, caller) =>
      importEntries(entries, options, caller, {
        // A rehearsal sees what everybody sees; the import itself sees its own tokens too.
        store: options.dryRun ? store : wholeStore,
        ...{ vault, lab, imports },
      }),
    exportEntries: (command, caller) => exportEntries(command, caller, { store, vault }),
  };
}

const verifyCode = (
  command: VerifyCommand,
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<VerifyAnswer> =>
  command.account === undefined
    ? verifyBySerial(command, caller, store, deciding)
    : verifyByAccount(command, caller, store, deciding);

function answerOrThrow(reply: PairReply): TwoCodesAnswer {
  if (reply instanceof FobtwinError) throw reply;
  return reply;
}
