import { FobtwinError, invalidInput } from '../../../shared/errors.ts';
import { formatTime } from '../../../shared/time.ts';
import type { Code } from '../../../shared/types.ts';
import type { ReplyOf } from '../../../shared/wire/operations.ts';
import { parseAddress, sourceOf } from '../../access/address.ts';
import type { Caller } from '../../access/scopes.ts';
import type { PasswordService } from '../../accounts/passwords-port.ts';
import type { Session, SessionProof, SessionService } from '../../sessions/port.ts';
import { suffices } from '../../tokens/answer.ts';
import { codeTypeOf } from '../../tokens/issued.ts';
import type { TokenService } from '../../tokens/port.ts';
import type { Call, Handlers } from './handler.ts';

type Ids =
  | 'beginSession'
  | 'lookUpSession'
  | 'elevateSession'
  | 'endSession'
  | 'listAccountSessions'
  | 'endAccountSessions';

interface Rooms {
  readonly sessions: SessionService;
  readonly passwords: Pick<PasswordService, 'check'>;
  readonly tokens: Pick<TokenService, 'verify'>;
}

export function sessionHandlers({ sessions, passwords, tokens }: Rooms): Handlers<Ids> {
  return {
    beginSession: (call) => beginSession(call, { sessions, passwords, tokens }),
    async lookUpSession({ body: { sessionToken }, caller }) {
      const session = await sessions.find(sessionToken, caller.now);
      return session === undefined
        ? { active: false }
        : { active: true, session: viewFor(session, caller) };
    },
    async elevateSession({ body: { sessionToken, code }, caller }) {
      const answer = await sessions.elevate(sessionToken, code, caller).catch(refuseOver);
      const { session, ...told } = answer;
      return session === undefined ? told : { ...told, session: viewFor(session, caller) };
    },
    async endSession({ body: { sessionToken }, caller }) {
      await sessions.end(sessionToken, caller);
      return { active: false };
    },
    async listAccountSessions({ params: { id }, caller }) {
      const items = await sessions.list(id, caller.now);
      return { items: items.map((session) => viewFor(session, caller)) };
    },
    endAccountSessions: ({ params: { id }, caller }) => sessions.endAll(id, caller),
  };
}

/** The password first, then the code: a session begins when both are good. */
async function beginSession(
  { body: { user, password, code, source }, caller }: Call<'beginSession'>,
  { sessions, passwords, tokens }: Rooms,
): Promise<ReplyOf<'beginSession'>> {
  const command = { user, password, source: source === undefined ? source : parsedSource(source) };
  const checked = await passwords.check(command, caller);
  if (checked.outcome !== 'accepted') return checked;
  const { account, passwordSetAt } = checked;
  const begin = async (proved: Omit<SessionProof, 'account'>) =>
    begun(await sessions.begin({ account, passwordSetAt, ...proved }, caller), caller);
  if (code === undefined) return begin({ strength: 'password' });
  // The schema has let only six to eight digits through.
  const answer = await tokens.verify({ account, code: code as Code }, caller);
  const { outcome, serial, issued, strength, proofed } = answer;
  if (outcome !== 'accepted') {
    const { requiredStrength, requiredProofing, retryAfterSeconds } = answer;
    return { outcome, strength, requiredStrength, requiredProofing, retryAfterSeconds };
  }
  if (strength === undefined) throw new TypeError('a code was accepted that proves nothing');
  return begin({ strength, serial, issued, proofed });
}

const begun = (
  { token, session }: { readonly token: string; readonly session: Session },
  caller: Caller,
): ReplyOf<'beginSession'> => ({
  outcome: 'accepted',
  session: viewFor(session, caller),
  sessionToken: token,
});

/** The application's word on where its user is; what limits by source count by. */
export function parsedSource(source: string): string {
  if (parseAddress(source) !== undefined) return sourceOf(source);
  throw invalidInput('/source', 'badFormat', 'This is no address.', {
    nextStep: 'Give the IPv4 or IPv6 address that the person signs in from, or leave it out.',
  });
}

/** 401 would read as if the API key were wrong. */
function refuseOver(error: unknown): never {
  if (error instanceof FobtwinError && error.code === 'unauthenticated') {
    throw new FobtwinError('notFound', 'This session is over.', { nextStep: 'Sign in again.' });
  }
  throw error;
}

/** What the caller sees of it; who demands a strength is told whether it is reached. */
export function viewFor(session: Session, { principal }: Caller) {
  const { issued } = session;
  const { requiredStrength, requiresProofing } = principal;
  const isAsked = requiredStrength !== undefined || requiresProofing === true;
  return {
    id: session.id,
    account: session.account,
    strength: session.strength,
    authenticatedAt: formatTime(session.authenticatedAt),
    strengthAt: formatTime(session.strengthAt),
    serial: session.serial,
    credentialType: issued && codeTypeOf(issued),
    proofed: session.proofed,
    createdAt: formatTime(session.createdAt),
    lastSeenAt: formatTime(session.lastSeenAt),
    expiresAt: formatTime(session.expiresAt),
    sufficient: isAsked ? suffices(session, principal) : undefined,
  } satisfies NonNullable<ReplyOf<'lookUpSession'>['session']>;
}
