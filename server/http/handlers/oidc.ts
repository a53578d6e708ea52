import { formatTime } from '../../../shared/time.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import type { ReplyOf } from '../../../shared/wire/operations.ts';
import type { OidcAdministration, SigningKeyState } from '../../oidc/port.ts';
import type { OidcClientRecord } from '../../oidc/record.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { spanMillis, timeOrNone } from '../moment.ts';
import type { Handlers } from './handler.ts';

type Ids =
  | 'listOidcClients'
  | 'getOidcClient'
  | 'addOidcClient'
  | 'changeOidcClient'
  | 'rotateOidcClientSecret'
  | 'removeOidcClient'
  | 'listOidcKeys'
  | 'rotateOidcKeys';

export function oidcHandlers({ oidc }: { readonly oidc: OidcAdministration }): Handlers<Ids> {
  const { clients, keys } = oidc;
  return {
    async listOidcClients({ query: { cursor, limit }, caller: { now } }) {
      const page = await clients.list({ after: parseCursor(cursor), limit });
      const items = page.items.map((record) => viewClient(record, now));
      return { items, nextCursor: formatCursor(page.next) };
    },
    async getOidcClient({ params, caller: { now } }) {
      return { client: viewClient(await clients.get(params.id), now) };
    },
    async addOidcClient({ body: { public: isPublic, ...given }, caller }) {
      const { client, secret } = await clients.add({ ...given, isPublic }, caller);
      const view = viewClient(client, caller.now);
      return { client: view, ...(secret === undefined ? {} : { clientSecret: secret }) };
    },
    async changeOidcClient({ params, body, caller }) {
      return { client: viewClient(await clients.change(params.id, body, caller), caller.now) };
    },
    async rotateOidcClientSecret({ params, body, caller }) {
      const overlapMillis = spanMillis(body.overlap, '/overlap');
      const { client, secret } = await clients.rotateSecret(params.id, { overlapMillis }, caller);
      return { client: viewClient(client, caller.now), clientSecret: secret };
    },
    async removeOidcClient({ params, caller }) {
      return { client: viewClient(await clients.remove(params.id, caller), caller.now) };
    },
    async listOidcKeys({ caller }) {
      return { keys: (await keys.list(caller.now)).map(viewKey) };
    },
    async rotateOidcKeys({ body: { delay, dropOld, reason }, caller }) {
      const delayMillis = spanMillis(delay, '/delay');
      const rotated = await keys.rotate({ delayMillis, dropsOld: dropOld, reason }, caller);
      return { keys: rotated.map(viewKey) };
    },
  };
}

function viewClient(record: OidcClientRecord, now: UnixMillis): ReplyOf<'getOidcClient'>['client'] {
  const { id, name, secrets, requiredStrength, requiresProofing, createdAt } = record;
  const { idTokenAlgorithm = 'RS256' } = record;
  const until = secrets.find((secret) => secret.until !== undefined && now < secret.until)?.until;
  return {
    id,
    name,
    public: secrets.length === 0,
    redirectUris: [...record.redirectUris],
    postLogoutRedirectUris: [...record.postLogoutRedirectUris],
    requiredStrength,
    requiresProofing,
    idTokenAlgorithm,
    oldSecretUntil: timeOrNone(until),
    createdAt: formatTime(createdAt),
  };
}

function viewKey(key: SigningKeyState): ReplyOf<'listOidcKeys'>['keys'][number] {
  const { keyId, algorithm, use, createdAt, usedFrom, publishedUntil } = key;
  return {
    keyId,
    algorithm,
    use,
    createdAt: formatTime(createdAt),
    usedFrom: formatTime(usedFrom),
    publishedUntil: timeOrNone(publishedUntil),
  };
}
