import type { AccountId, AccountRole, Serial, Strength, UnixMillis } from '../../shared/types.ts';
import type { AddressRange } from '../access/address.ts';
import type { Attribute, Packet } from './packet.ts';

/** A RADIUS client: a VPN gateway, a host with PAM, another RADIUS server. */
export interface RadiusClient {
  /** `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`; the audit log calls it `radius:NAME`. */
  readonly name: string;
  /** Where its requests come from; the first client in the configuration that fits is it. */
  readonly addresses: readonly AddressRange[];
  /** Shared with it alone. */
  readonly secret: Uint8Array;
  /**
   * For RadSec: whoever shows a certificate of one of these names is it, wherever he calls from
   * (`certificateName` in listen-options.ts). Absent: it is known by its addresses there too.
   */
  readonly certificates?: readonly string[];
  /** Default true; false for what never sends one (pam_radius): then it is still verified. */
  readonly requireMessageAuthenticator: boolean;
  readonly policy: ClientPolicy;
}

/**
 * How people of a client sign in: `code` asks for a code alone (an explicit choice, limited by
 * source), `challenge` for the password and then for the code, `appended` for the password with
 * the code behind it in one field.
 */
export const SIGN_IN_MODES = ['code', 'challenge', 'appended'] as const;
export type SignInMode = (typeof SIGN_IN_MODES)[number];

/** What is asked of somebody: a client's own words, or those that a group of it has instead. */
export interface SignInPolicy {
  readonly mode: SignInMode;
  /** Of a code; less is refused. Absent: any. */
  readonly requiredStrength?: Strength;
  /** Likewise, its credential must have been proofed. Default false. */
  readonly requiresProofing?: boolean;
  /** Until then whoever has no registered token signs in with the password alone. */
  readonly passwordOnlyUntil?: UnixMillis;
  /** Whoever has no registered token is asked for there: the server that fobd replaces. */
  readonly proxyTo?: ProxyTarget;
  /** Where the policy has next-code mode, a challenge asks for the next code. Default false. */
  readonly nextCode?: boolean;
}

export interface ClientPolicy extends SignInPolicy {
  /** The first that an account is of has its policy instead. Default none. */
  readonly groups?: readonly GroupPolicy[];
  /** What an Access-Accept says besides. Default nothing. */
  readonly replies?: readonly ReplyTemplate[];
  /** By source, where a code alone is asked for: codes a minute that were not accepted. */
  readonly wrongCodesPerMinute?: number;
}

/** Accounts of an organisation, or with a role, or both. */
export interface GroupPolicy extends SignInPolicy {
  readonly name: string;
  readonly organisation?: string;
  readonly role?: AccountRole;
}

/** Another RADIUS server. */
export interface ProxyTarget {
  /** An IPv4 or IPv6 address. */
  readonly host: string;
  readonly port: number;
  readonly secret: Uint8Array;
  /** Of one try. */
  readonly timeoutMillis: number;
  /** How often the same packet is sent again. */
  readonly retries: number;
  /** Whether its replies must carry one; verified wherever they do. */
  readonly requireMessageAuthenticator: boolean;
}

/** What is known of a sign-in once it is accepted. */
export interface SignInFacts {
  readonly account: AccountId;
  readonly strength: Strength;
  /** The token whose code was given. */
  readonly serial?: Serial | undefined;
  /** The client's group that the account is of. */
  readonly group?: string | undefined;
}

/** An attribute of an Access-Accept, known to fit whatever the facts are. */
export interface ReplyTemplate {
  /** Absent: with every strength. */
  readonly strengths?: readonly Strength[];
  /** Absent: for everybody. */
  readonly groups?: readonly string[];
  fill(facts: SignInFacts): Attribute;
}

/** A request whose client, form and Message-Authenticator have been checked. */
export interface AccessRequest {
  readonly client: RadiusClient;
  readonly packet: Packet;
  /** UTF-8, as sent; 1 to 253 bytes. */
  readonly userName: string;
  /** Undefined where the request has none, or none that the secret opens. */
  readonly password: string | undefined;
  /** What the challenge before it was sent with. */
  readonly state: string | undefined;
  /** Of the other end of the socket. */
  readonly source: string;
}

export interface AccessReply {
  readonly code: 'accessAccept' | 'accessReject' | 'accessChallenge';
  /** Without Message-Authenticator and Proxy-State: the transport adds both. */
  readonly attributes: readonly Attribute[];
}

/** Decides a request; undefined where nothing is to be answered. */
export type Answer = (request: AccessRequest) => Promise<AccessReply | undefined>;
