import type { Serial } from '../../shared/types.ts';
import { type AuditSubject, draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { withoutToken } from '../tokens/change-life.ts';
import { changedLife } from '../tokens/life.ts';
import type { Bundle } from './bundle.ts';
import { isRecognised, recognitionDraft } from './known-person.ts';
import { withoutCredentials } from './last-credential.ts';
import { isKnownAs } from './own.ts';
import type { CredentialRecord } from './record.ts';
import { recognised, revokedAs, withoutAuthenticator } from './stages.ts';

/** How a credential ends, with its token: pure, over all that hangs on its subscription. */

export interface Revocation {
  readonly after: Bundle;
  readonly auditDrafts: readonly AuditDraft[];
}

/**
 * One credential: its token where it has one, and with it the credential unless that goes on with
 * another; else the credential itself. A token's entry in the audit log is that of any revoked one.
 */
export function revocationOf(
  bundle: Bundle,
  credential: CredentialRecord,
  caller: Caller,
): Revocation {
  const hasToken = credential.stage === 'active' && credential.serial !== undefined;
  const isKnown = isKnownAs(credential, caller);
  const recognises = hasToken && isRecognised(credential, caller);
  const known = recognises ? recognised(credential) : credential;
  const to = hasToken
    ? withoutAuthenticator(known, caller.now, { isKnown })
    : revokedAs(credential, caller.now);
  const changes = [{ from: credential, to }];
  const { after, auditDrafts } = changed(bundle, changes, caller);
  return {
    after: withoutCredentials(after, caller.now),
    auditDrafts: [...(recognises ? [recognitionDraft(known, caller)] : []), ...auditDrafts],
  };
}

/** All of a subscription that is over. Those that are revoked already stay as they are. */
export function revocationOfAll(bundle: Bundle, caller: Caller): Revocation {
  const ending = bundle.credentials.filter(({ stage }) => stage !== 'revoked');
  const changes = ending.map((from) => ({ from, to: revokedAs(from, caller.now) }));
  return changed(bundle, changes, caller);
}

interface Change {
  readonly from: CredentialRecord;
  readonly to: CredentialRecord;
}

function changed(bundle: Bundle, changes: readonly Change[], caller: Caller): Revocation {
  const auditDrafts: AuditDraft[] = [];
  let { tokens, account } = bundle;
  for (const { from, to } of changes) {
    const { serial } = from;
    const token = tokens.find((each) => each.token.serial === serial);
    const revokesToken = token !== undefined && token.token.life !== 'revoked';
    if (revokesToken) {
      const gone = changedLife(token, 'revoke', { now: caller.now, scopes: new Set() });
      tokens = tokens.map((each) => (each === token ? gone : each));
      if (account !== undefined) account = withoutToken(account, token.token.serial);
    }
    const revoked = revokesToken ? serial : undefined;
    auditDrafts.push(draftOf(caller, ...entryOf(revoked, { from, to })));
  }
  const credentials = bundle.credentials.map(
    (each) => changes.find(({ from }) => from === each)?.to ?? each,
  );
  return { after: { ...bundle, credentials, tokens, account }, auditDrafts };
}

function entryOf(serial: Serial | undefined, { from, to }: Change): [string, AuditSubject] {
  const { account } = from;
  const details = { credential: from.id, final: to.stage === 'revoked' };
  if (serial === undefined) return ['revokeCredential', { account, details }];
  return ['revoke', { serial, account, details }];
}
