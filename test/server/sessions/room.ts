import { randomBytes } from 'node:crypto';
import { LOCAL_OWNER, type Principal } from '../../../server/access/scopes.ts';
import { KINDS } from '../../../server/kinds.ts';
import type { SessionService } from '../../../server/sessions/port.ts';
import { SESSIONS, type SessionRecord } from '../../../server/sessions/record.ts';
import { createSessionService } from '../../../server/sessions/service.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { createPolicy } from '../../../server/verification/policy.ts';
import type { AccountId, LifeVerb, Serial, Strength } from '../../../shared/types.ts';
import { EVENT, entryOf, Room, stream } from '../tokens/room.ts';

/** The sessions room over real tokens and accounts, and a store in memory. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export class SessionRoom extends Room {
  readonly sessions: SessionService;

  constructor(...given: ConstructorParameters<typeof Room>) {
    super(...given);
    const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };
    this.sessions = createSessionService({ store: this.store, tokens: this.tokens, rng });
  }

  caller(principal: Principal = LOCAL_OWNER) {
    return { principal, now: this.now };
  }

  /** An account with a registered event token, whose next counter is 2. */
  async holder(account: string, serial: string): Promise<Serial> {
    await this.account(account);
    return this.registered(serial, account);
  }

  /** Likewise, of an emulated token that reaches `mobileId` only. */
  async emulatedHolder(account: AccountId, name: string): Promise<Serial> {
    const entry = { ...entryOf(name as Serial, EVENT), manufacturer: 'Fobtwin emulator' };
    await this.tokens.importEntries(stream([entry]), { dryRun: false }, this.caller());
    const [code1, code2] = this.pair(entry.serial);
    const command = { serial: entry.serial, account, code1, code2 };
    const { outcome } = await this.tokens.register(command, this.caller());
    if (outcome !== 'accepted') throw new Error(`registration came to ${outcome}`);
    return entry.serial;
  }

  begin(account: string, strength: Strength = 'password', serial?: Serial) {
    return this.sessions.begin({ account: account as AccountId, strength, serial }, this.caller());
  }

  find(token: string) {
    return this.sessions.find(token, this.now);
  }

  change(serial: Serial, verb: LifeVerb) {
    return this.tokens.changeLife({ serial, verb, reason: 'test' }, this.caller());
  }

  /** All that the store has of sessions. */
  async records(): Promise<readonly SessionRecord[]> {
    return (await this.store.scan(SESSIONS, { limit: 500 })).items;
  }

  /** Entries of these actions, without what every entry has. */
  async entries(...actions: string[]) {
    const entries = await this.audit();
    return entries
      .filter(({ action }) => actions.includes(action))
      .map(({ actor, action, outcome, account, serial, details }) => ({
        actor,
        action,
        ...(outcome === undefined ? {} : { outcome }),
        account,
        ...(serial === undefined ? {} : { serial }),
        details,
      }));
  }
}

export async function openSessionRoom(): Promise<SessionRoom> {
  const auditKey = new Uint8Array(32);
  const store = await openMemoryStore({ kinds: KINDS, writer: 'test', auditKey });
  return new SessionRoom(store, createPolicy({}), false);
}
