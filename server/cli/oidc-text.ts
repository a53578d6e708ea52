import type { ReplyOf } from '../../shared/wire/operations.ts';
import { demandText } from './application-text.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

/** What people read of OpenID Connect's clients and keys. */

type Client = ReplyOf<'getOidcClient'>['client'];

export function addedText({ client, clientSecret }: ReplyOf<'addOidcClient'>): string {
  const secret =
    clientSecret === undefined
      ? 'It is public, and has no secret.'
      : `Its secret, shown this once:\n\n  ${clientSecret}`;
  const old =
    client.oldSecretUntil === undefined
      ? ''
      : `\nThe old one works until ${client.oldSecretUntil}.\n`;
  return `Client ${client.id} (${client.name}). ${secret}\n${old}`;
}

export function listClients({ items, nextCursor }: ReplyOf<'listOidcClients'>): string {
  const rows = items.map((client) => [
    client.id,
    client.name,
    client.public ? 'public' : 'confidential',
    demandText(client, 'password'),
    client.redirectUris.join(' '),
  ]);
  const headings = ['ID', 'NAME', 'KIND', 'STRENGTH', 'RETURNS TO'];
  return formatTable(headings, rows, 'No clients.') + moreText(nextCursor);
}

export const describeClient = (client: Client): string =>
  formatFields({
    id: client.id,
    name: client.name,
    kind: client.public ? 'public' : 'confidential',
    'returns to': client.redirectUris.join(' '),
    'after sign-out': client.postLogoutRedirectUris.join(' ') || undefined,
    strength: demandText(client, 'password'),
    'ID tokens': client.idTokenAlgorithm,
    'old secret ends': client.oldSecretUntil,
    created: client.createdAt,
  });

export function keysText({ keys }: ReplyOf<'listOidcKeys'>): string {
  const rows = keys.map((key) => [
    key.keyId,
    key.algorithm,
    key.use === 'next' ? `signs from ${key.usedFrom}` : key.use,
    key.createdAt,
    key.publishedUntil ?? '-',
  ]);
  return formatTable(['KEY', 'ALGORITHM', 'USE', 'MADE', 'PUBLISHED UNTIL'], rows, 'No keys.');
}
