import {
  type IssuedCode,
  type IssuedCodesRecord,
  issuedCodeMac,
  issuedCodesKey,
} from '../../../server/accounts/issued-codes.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
} from '../../../server/credentials/record.ts';
import { type Key, put, replyOnly } from '../../../server/store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../../../server/subscriptions/record.ts';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import { tokenKey } from '../../../server/tokens/record.ts';
import type {
  AccountId,
  Code,
  CredentialId,
  CredentialType,
  OrderNumber,
  PhoneId,
  Serial,
  SubscriptionId,
  UnixMillis,
} from '../../../shared/types.ts';
import { SessionRoom } from '../sessions/room.ts';
import { ISSUED_CODES_KEY, OWNER, START } from './room.ts';

/** Tokens, sessions and accounts, with subscriptions and issued codes as others write them. */

export const SUBSCRIPTION = 'SO-10001-1-1' as SubscriptionId;
export const PHONE = '00112233445566aa' as PhoneId;
/** When the subscription ends. */
export const UNTIL = yearAfter(START);

export class EntitledRoom extends SessionRoom {
  async write<T extends object>(key: Key<T>, record: T): Promise<void> {
    await this.store.transact([key], () => ({
      writes: [put(key, record)],
      auditDrafts: [{ at: this.now, actor: OWNER.actor, action: 'testWrite' }],
      reply: undefined,
    }));
  }

  read<T>(key: Key<T>): Promise<T | undefined> {
    return this.store.transact([key], ([record]) => replyOnly(record as T | undefined));
  }

  /** A subscription with one credential at `registration`. */
  async credential(
    account: AccountId,
    type: CredentialType,
    changes: Partial<CredentialRecord> = {},
  ): Promise<CredentialId> {
    const id = credentialIdOf(SUBSCRIPTION, type);
    const subscription = {
      version: 1,
      id: SUBSCRIPTION,
      product: 'hardwareToken',
      types: [type],
      proofing: false,
      order: 'SO-10001' as OrderNumber,
      purchaser: account,
      purchasedAt: START,
      expiresAt: UNTIL,
      account,
      stepsTaken: 0,
      renewals: [],
    } as unknown as SubscriptionRecord;
    const credential: CredentialRecord = {
      version: 1,
      id,
      subscription: SUBSCRIPTION,
      type,
      account,
      stage: 'registration',
      createdAt: START,
      ...changes,
    };
    await this.write(subscriptionKey(SUBSCRIPTION), subscription);
    await this.write(credentialKey(id), credential);
    return id;
  }

  /** Registers a stocked token under the credential. */
  async registerUnder(serial: Serial, account: AccountId, credential: CredentialId) {
    const [code1, code2] = this.pair(serial);
    const command = { serial, account, credential, code1, code2 };
    return this.tokens.register(command, this.as(OWNER));
  }

  /** A stocked token becomes a Mobile ID that was made for the account. */
  async mobileId(name: string, account: AccountId): Promise<Serial> {
    const serial = await this.stock(name);
    const { token } = await this.detail(serial);
    await this.write(tokenKey(serial), { ...token, mobileId: true, intendedAccount: account });
    return serial;
  }

  async issue(
    account: AccountId,
    code: string,
    {
      by = 'phone',
      ...changes
    }: Partial<IssuedCode> & { readonly by?: 'phone' | 'temporary' } = {},
  ): Promise<void> {
    const issued: IssuedCode = {
      mac: issuedCodeMac(account, code as Code, ISSUED_CODES_KEY),
      issuedAt: this.now,
      expiresAt: (this.now + 120_000) as UnixMillis,
      strength: 'phoneOtp',
      proofed: false,
      ...(by === 'phone' ? { phone: PHONE } : {}),
      attemptsLeft: 5,
      usesLeft: 1,
      ...changes,
    };
    const stored = await this.issued(account);
    await this.write(issuedCodesKey(account), { version: 1, ...stored, [by]: issued });
  }

  issued(account: AccountId): Promise<IssuedCodesRecord | undefined> {
    return this.read(issuedCodesKey(account));
  }
}
